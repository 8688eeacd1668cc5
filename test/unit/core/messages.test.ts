import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorTable } from '../../../src/contract/errors.ts';
import { messages, type MessageCode } from '../../../src/contract/messages.ts';
import { runNoticeSchema } from '../../../src/contract/run-files.ts';

test('every message of the design is there, each with what can be done', () => {
  const numbers = Object.values(messages)
    .map(({ n }) => n)
    .sort((a, b) => a - b);
  assert.deepEqual(
    numbers,
    Array.from({ length: 23 }, (_, i) => i + 1),
  );
  for (const [code, { actions }] of Object.entries(messages)) assert.ok(actions.length > 0, code);
});

test('what is thrown, and what a run goes on from, has the code of its message', () => {
  const thrown: MessageCode[] = [
    'disk.full',
    'gpu.lost',
    'memory.out',
    'memory.start',
    'train.nan',
    'labels.few',
    'db.future',
    'project.locked',
  ];
  for (const code of thrown) assert.ok(code in errorTable, code);
  for (const code of runNoticeSchema.shape.code.options) assert.ok(code in messages, code);
});
