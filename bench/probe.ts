/**
 * Seconds of fitting a probe by the number of labels, 1,280 features and 8 classes, on made-up features with a few
 * strong directions, as a network's are: node bench/probe.ts
 */
import { generator } from '../src/engine/data/random.ts';
import { fitProbe } from '../src/engine/regimes/probe.ts';

const width = 1280;
const classes = 8;
for (const count of [40, 160, 640, 2000, 6000]) {
  const random = generator(1, 'probe', count);
  const centres = generator(1, 'centres').normal(classes * width);
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const features = random.normal(count * width).map((noise, at) => {
    const column = at % width;
    const label = labels[Math.floor(at / width)] as number;
    return Math.exp(-column / 200) * (0.5 * (centres[label * width + column] as number) + noise);
  });
  const started = performance.now();
  const { gradient } = fitProbe(features, labels, classes, new Float32Array(width));
  console.log(
    `${count} labels: ${((performance.now() - started) / 1000).toFixed(2)} s, gradient ${gradient.toExponential(1)}`,
  );
}
