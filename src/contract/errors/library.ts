import type { ErrorEntry } from '../errors.ts';

export const libraryErrors = {} as const satisfies Record<string, ErrorEntry>;
