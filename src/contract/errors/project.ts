import type { ErrorEntry } from '../errors.ts';

export const projectErrors = {} as const satisfies Record<string, ErrorEntry>;
