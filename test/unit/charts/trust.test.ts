import assert from 'node:assert/strict';
import { test } from 'node:test';
import { svgOf } from '../../../src/charts/engine.ts';
import { learningCurveChart } from '../../../src/charts/learning-curve.ts';
import { coverageChart, reliabilityChart } from '../../../src/charts/trust.ts';
import type { ChartColours } from '../../../src/charts/types.ts';

const colours: ChartColours = {
  ground: '#fff',
  text: '#000',
  quiet: '#555',
  line: '#ddd',
  edge: '#999',
  accent: '#06c',
  warn: '#960',
};
const words = {
  said: 'It says',
  right: 'It is right',
  images: 'Images',
  named: 'Named',
  wrong: 'Wrong',
  threshold: 'Sure at least',
  labels: 'Labels',
  score: 'Score',
  guess: 'guess',
  percent: (value: number) => `${Math.round(100 * value)}%`,
  integer: (value: number) => String(Math.round(value)),
  number: (value: number) => String(Math.round(10 * value) / 10),
  range: (low: number, high: number) => `${Math.round(100 * low)}–${Math.round(100 * high)}`,
};
test('a reliability diagram has a point with its number of images and its range for each bin', () => {
  const bins = [
    { said: 0.6, mean: 0.5, ci: [0.3, 0.7] as const, images: 17 },
    { said: 0.9, mean: 0.84, ci: [0.66, 0.94] as const, images: 30 },
  ];
  const chart = reliabilityChart(bins, words);
  assert.deepEqual(chart.rows, [
    ['60%', '50% (30–70)', '17'],
    ['90%', '84% (66–94)', '30'],
  ]);
  const svg = svgOf(chart.option(colours), 480, 260);
  assert.ok(['>17<', '>30<', 'It says', 'It is right'].every((text) => svg.includes(text)));
  const { series } = chart.option(colours) as { series: { data: number[][] }[] };
  assert.deepEqual(series.at(-1)?.data, [
    [90, 66],
    [90, 94],
  ]);
});

test('a risk–coverage curve and a learning curve say in their table what they draw', () => {
  const wrong = { mean: 0.1, ci: [0.05, 0.2] as const, images: 40 };
  const curve = coverageChart([{ threshold: 0.9, coverage: 0.4, wrong }], words);
  assert.deepEqual(curve.rows, [['40%', '90%', '10% (5–20)', '40']]);
  const learning = learningCurveChart(
    [5, 10, 20].map((labels) => ({ labels, mean: labels / 40, ci: [0.1, 0.9] as const })),
    { labels: 5, gain: { mean: 0.02, ci: [0, 0.05] }, line: [20, 25].map((labels) => ({ labels, mean: labels / 50 })) },
    words,
  );
  assert.deepEqual(learning.rows.at(-1), ['25 (guess)', '50–55']);
  const { series } = learning.option(colours) as { series: { name?: string; data: number[][] }[] };
  // The guess goes on from the last point, whatever the fit says there.
  assert.deepEqual(series.find(({ name }) => name === 'guess')?.data[0], [20, 50]);
  assert.ok(svgOf(learning.option(colours), 480, 260).includes('Labels'));
  assert.equal(learningCurveChart([], null, words).rows.length, 0);
  // Of so few labels that a tick would stand for a part of one: ticks are whole, and two steps are told apart.
  const few = learningCurveChart(
    [1, 2, 3, 3.25].map((labels) => ({ labels, mean: 0.5, ci: [0.1, 0.9] as const })),
    null,
    words,
  );
  assert.deepEqual(
    few.rows.map(([labels]) => labels),
    ['1', '2', '3', '3.3'],
  );
  const ticks = [...svgOf(few.option(colours), 600, 260).matchAll(/>(\d+(?:\.\d+)?)<\/text>/g)].map(([, tick]) => tick);
  assert.deepEqual(ticks, ['0', '1', '2', '3', '4']);
});
