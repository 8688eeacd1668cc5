import type { RunSpec } from '../../../../src/contract/run-files.ts';

/** A run of the small network, for tests that need a run folder and compute nothing. */
export const smallSpec: RunSpec = {
  version: 1,
  runId: 'r1',
  createdAt: '2026-01-01T00:00:00.000Z',
  seed: 1,
  size: 64,
  recordSide: 96,
  backbone: { name: 'small', weightsSha256: 'aa' },
  method: { name: 'byol', settings: {} },
  views: 'any',
  adapt: { epochs: 1, batch: 8, seeds: 1, maxImages: 10 },
  regimes: ['probe'],
  testTimeAugmentation: false,
  protocol: { kind: 'subsample', draws: 1, check: 'reserved' },
  engine: 'auto',
};
