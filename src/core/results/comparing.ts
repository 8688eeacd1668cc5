import type { RunRow } from '../../contract/runs.ts';

/** Kinds of runs that end with a comparison. */
export const comparing: readonly RunRow['kind'][] = ['one-click', 'finetune'];
