import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbers } from '../../../src/locales/formats.ts';
import { shownBytes } from '../../../src/renderer/state/bytes.ts';

test('bytes are shown in the largest unit there is one of, and what is there is not shown as none', () => {
  const shown = (bytes: number): string =>
    shownBytes(bytes, (value, format) =>
      new Intl.NumberFormat('en', numbers[format as keyof typeof numbers]).format(value),
    );
  assert.deepEqual([0, 1, 1500, 120_400, 999_999, 1e6, 7.4e6, 1.26e9].map(shown), [
    '0 kB',
    '1 kB',
    '2 kB',
    '121 kB',
    '1,000 kB',
    '1 MB',
    '7 MB',
    '1.3 GB',
  ]);
});
