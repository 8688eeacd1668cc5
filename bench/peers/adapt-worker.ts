/**
 * A whole adaptation of the product, from image files to the adapted backbone, as often as it is told to: decodes into
 * a cache of its own, trains, watches and saves. Used by bench/peers.ts. `go N`: N passes.
 *   node adapt-worker.ts BACKBONE FOLDER SIZE BATCH
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { recordSideOf, type Manifest, type RunSpec } from '../../src/contract/run-files.ts';
import { ownSeat } from '../../src/contract/seat.ts';
import { initialise } from '../../src/engine/backbones/initialise.ts';
import { generator } from '../../src/engine/data/random.ts';
import { adapt } from '../../src/engine/jobs/adapt.ts';
import { createServices } from '../../src/engine/jobs/default-services.ts';
import { withJob } from '../../src/engine/jobs/job.ts';
import { findWeights } from '../../src/engine/weights/manifest.ts';

const [backbone, folder, size, batch] = process.argv.slice(2) as [string, string, string, string];
const shared = createServices();
const weights = await findWeights(backbone);
// What does not ship is timed with random weights: the work is the same. They are drawn once, as the peers' are.
const drawn = weights ? undefined : initialise(shared.backbone(backbone), generator(1, 'weights'));
const services = drawn ? { ...shared, weights: () => Promise.resolve(drawn) } : shared;
const images = readdirSync(folder)
  .sort()
  .map((name, id) => {
    const path = join(folder, name);
    return { id, path, hash: createHash('sha256').update(readFileSync(path)).digest('hex') };
  });
const context = { seat: ownSeat, signal: new AbortController().signal, progress: () => {} };

for await (const line of createInterface({ input: process.stdin })) {
  const [word, epochs] = line.split(' ');
  if (word === 'quit') break;
  const project = mkdtempSync(join(tmpdir(), 'acclimate-peers-'));
  const runFolder = join(project, 'runs', 'one');
  mkdirSync(runFolder, { recursive: true });
  const spec: RunSpec = {
    version: 1,
    runId: 'one',
    createdAt: '2026-01-01T00:00:00Z',
    seed: 1,
    size: Number(size),
    recordSide: recordSideOf(Number(size)),
    backbone: { name: backbone, weightsSha256: weights?.sha256 ?? '0'.repeat(64) },
    // Every pass trains all of it, as the peers' do: the first pass of the product is cheaper, as only the heads train.
    method: { name: 'byol', settings: { warmUpEpochs: 0 } },
    views: 'any-orientation',
    adapt: { epochs: Number(epochs), batch: Number(batch), seeds: 1, maxImages: images.length },
    regimes: ['probe'],
    testTimeAugmentation: false,
    protocol: { kind: 'shots', shots: 1, draws: 1, check: 'reserved' },
    engine: 'onnx',
  };
  const manifest: Manifest = {
    version: 1,
    cacheFolder: join(project, 'cache'),
    images,
    classes: [],
    adapt: images.map(({ id }) => id),
    training: [],
    draws: [],
    check: [],
  };
  writeFileSync(join(runFolder, 'spec.json'), JSON.stringify(spec));
  writeFileSync(join(runFolder, 'manifest.json'), JSON.stringify(manifest));
  const begun = performance.now();
  await withJob(services, { runFolder, device: 'cpu' }, context, (job) => adapt(job, 0));
  const seconds = (performance.now() - begun) / 1000;
  const { idleShare } = JSON.parse(readFileSync(join(runFolder, 'adapt', 'seed-0.json'), 'utf8')) as {
    idleShare: number;
  };
  process.stderr.write(
    `${backbone}: ${seconds.toFixed(1)} s, the engine waited ${(100 * idleShare).toFixed(1)} % for images\n`,
  );
  rmSync(project, { recursive: true, force: true });
  console.log(seconds);
}
process.exit(0);
