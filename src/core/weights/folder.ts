import { join } from 'node:path';

/** Where a project keeps the weights its user brought. */
export const weightsFolder = (project: string): string => join(project, 'weights');
