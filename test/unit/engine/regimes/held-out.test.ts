import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generator } from '../../../../src/engine/data/random.ts';
import { partialProbes } from '../../../../src/engine/regimes/held-out.ts';
import { fitProbe, headProbabilities } from '../../../../src/engine/regimes/probe.ts';

test('a probe on a part of the labels is the probe that is fitted on that part alone', () => {
  const classes = 3;
  // Fewer labels than half the features, and more: with a shared span, and without.
  for (const [labels, width] of [
    [18, 60],
    [40, 12],
  ] as const) {
    const random = generator(2, 'partial');
    const features = random.normal((labels + 5) * width);
    const truth = Array.from({ length: labels }, (_, i) => i % classes);
    truth.forEach((label, i) => (features[i * width + label]! += 2));
    const mean = random.normal(width).map((value) => value / 10);
    const [mine, others] = [features.slice(0, labels * width), features.slice(labels * width)];
    const probes = partialProbes(mine, truth, classes, mean, others);
    // The third class is left out of one part.
    for (const part of [
      truth.flatMap((_, i) => (i % 4 === 0 ? [] : [i])),
      truth.flatMap((c, i) => (c < 2 ? [i] : [])),
    ]) {
      const rows = Float32Array.from(part.flatMap((i) => [...mine.subarray(i * width, (i + 1) * width)]));
      const head = fitProbe(
        rows,
        part.map((i) => truth[i]!),
        classes,
        mean,
      );
      const asked = [0, 4];
      const own = Float32Array.from(asked.flatMap((i) => [...mine.subarray(i * width, (i + 1) * width)]));
      probes.fit(part, asked, 'labels').forEach((value, i) => {
        assert.ok(Math.abs(value - headProbabilities(head, own)[i]!) < 1e-5);
      });
      probes.fit(part, [0, 1, 2, 3, 4], 'others').forEach((value, i) => {
        assert.ok(Math.abs(value - headProbabilities(head, others)[i]!) < 1e-5);
      });
    }
  }
});
