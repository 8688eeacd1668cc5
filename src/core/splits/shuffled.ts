import { createHash } from 'node:crypto';

/** The ids in an order that depends on each id and the stream alone: one more image moves no other. */
export function shuffled(ids: readonly number[], stream: string): number[] {
  return ids
    .map((id) => ({ id, key: createHash('sha256').update(`${stream} ${id}`).digest().readUIntBE(0, 6) }))
    .sort((a, b) => a.key - b.key || a.id - b.id)
    .map(({ id }) => id);
}
