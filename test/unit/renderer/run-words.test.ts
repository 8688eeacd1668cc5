import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunRow } from '../../../src/contract/runs.ts';
import { whatOf } from '../../../src/renderer/state/run-words.ts';
import { language } from './language.ts';

const about = {
  method: 'byol',
  backbone: 'efficientnet-lite0',
  size: 96,
  epochs: 5,
  images: 1200,
  labels: 40,
  shots: null,
} as const satisfies RunRow['about'];
const line = (locale: 'en' | 'de', run: Pick<RunRow, 'kind' | 'about'>): string =>
  whatOf(run).map(language(locale).say).join(' · ');

test('a run says what it was made to do, in the language of the page', () => {
  const run = { kind: 'one-click', about } as const;
  assert.equal(line('en', run), 'byol · efficientnet-lite0 at 96 px · 5 passes · 40 labels');
  assert.equal(line('de', run), 'byol · efficientnet-lite0 bei 96 px · 5 Durchgänge · 40 Labels');
});

test('each kind of run names what it did and nothing else', () => {
  assert.equal(
    line('en', { kind: 'adapt', about: { ...about, epochs: 1 } }),
    'byol · efficientnet-lite0 at 96 px · 1 pass',
  );
  assert.equal(
    line('en', { kind: 'finetune', about: { ...about, shots: 5 } }),
    'trained anew with your labels · efficientnet-lite0 at 96 px · 5 labels per class',
  );
  assert.match(
    line('en', { kind: 'finetune', about: { ...about, fraction: 0.07 } }),
    /· 7 % of the labels of each class$/,
  );
  assert.match(
    line('en', { kind: 'one-click', about: { ...about, columns: ['age', 'site'] } }),
    /· 40 labels · with age, site$/,
  );
  assert.equal(line('en', { kind: 'embed', about }), 'features of 1200 images · efficientnet-lite0 at 96 px');
});

test('a run from before this was kept says nothing', () => {
  assert.equal(line('en', { kind: 'one-click' }), '');
});
