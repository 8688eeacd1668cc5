import type { ErrorEntry } from '../errors.ts';

export const usageErrors = {} as const satisfies Record<string, ErrorEntry>;
