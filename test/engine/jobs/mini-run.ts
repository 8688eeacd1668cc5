import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Manifest, RunSpec } from '../../../src/contract/run-files.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { Programs, type EngineServices } from '../../../src/engine/jobs/services.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { createImagePool } from '../../../src/images/pool.ts';
import { ownSeat } from '../../../src/contract/seat.ts';
import type { CallContext } from '../../../src/rpc/types.ts';
import { twins } from '../support/twin.ts';

/** A small copy of EfficientNet-Lite0 with formula weights in place of the shipped ones. */
export function twinServices(): EngineServices & { close(): Promise<void> } {
  const pool = createImagePool({ size: 1 });
  const executor = createExecutor('onnx', { threads: 1, provider: 'cpu' });
  const programs = new Programs();
  return {
    ...twins,
    executor: () => executor,
    pool: () => pool,
    programs,
    async close() {
      pool.close();
      await programs.clear();
      await (await executor).dispose();
    },
  };
}

export const quiet = (signal: AbortSignal = new AbortController().signal): CallContext => ({
  signal,
  seat: ownSeat,
  progress: () => {},
});

export interface MiniRun {
  /** Of the run, inside a project folder of its own. */
  readonly folder: string;
  readonly project: string;
  readonly spec: RunSpec;
  readonly manifest: Manifest;
}

export interface MiniOptions {
  readonly images?: number;
  readonly spec?: Partial<RunSpec>;
  readonly adapt?: Partial<RunSpec['adapt']>;
  readonly project?: string;
  readonly runId?: string;
  /** PNG of an image; stripes where absent. */
  readonly picture?: (id: number, kind: number) => Promise<Buffer>;
}

const CLASSES = 3;

const homes: string[] = [];
process.on('exit', () => homes.forEach((home) => rmSync(home, { recursive: true, force: true })));

/**
 * A run folder over made-up PNGs: three classes that differ in colour and in the direction of their stripes. Every
 * fourth image is on the check side.
 */
export async function miniRun({
  images = 24,
  spec,
  adapt,
  project,
  runId = 'mini',
  picture = stripes,
}: MiniOptions = {}): Promise<MiniRun> {
  const home = project ?? (await mkdtemp(join(tmpdir(), 'acclimate-jobs-')));
  if (!project) homes.push(home);
  const source = join(home, 'images');
  await mkdir(source, { recursive: true });
  const entries: Manifest['images'] = [];
  for (let id = 0; id < images; id++) {
    const path = join(source, `${id}.png`);
    await writeFile(path, await picture(id, id % CLASSES));
    entries.push({
      id,
      path,
      hash: createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    });
  }
  const ids = entries.map(({ id }) => id);
  const check = ids.filter((id) => id % 4 === 3);
  const training = ids
    .filter((id) => id % 4 !== 3)
    .map((id) => ({ image: id, class: id % CLASSES, group: Math.floor(id / 2) }));
  const manifest: Manifest = {
    version: 1,
    cacheFolder: join(home, 'cache'),
    images: entries,
    classes: Array.from({ length: CLASSES }, (_, id) => ({ id, name: `class ${id}` })),
    adapt: training.map(({ image }) => image),
    training,
    draws: [0, 1].map((draw) => ({
      train: training.filter(({ image }) => image % 5 !== draw).map(({ image }) => image),
    })),
    check,
  };
  const whole: RunSpec = {
    version: 1,
    runId,
    createdAt: '2026-01-01T00:00:00Z',
    seed: 1,
    size: 32,
    recordSide: 64,
    backbone: { name: 'efficientnet-lite0', weightsSha256: '0'.repeat(64) },
    method: { name: 'byol', settings: { hidden: 32, projection: 16, warmUpEpochs: 1 } },
    views: 'any-orientation',
    adapt: { epochs: 2, batch: 4, seeds: 2, maxImages: 12, ...adapt },
    regimes: ['probe'],
    testTimeAugmentation: false,
    protocol: { kind: 'subsample', draws: 2, check: 'reserved' },
    engine: 'onnx',
    ...spec,
  };
  const folder = join(home, 'runs', runId);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'spec.json'), JSON.stringify(whole));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return { folder, project: home, spec: whole, manifest };
}

async function stripes(id: number, kind: number): Promise<Buffer> {
  const [width, height] = [40 + (id % 3) * 8, 40];
  const noise = generator(id, 'mini image').uniform(width * height * 3);
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const wave = Math.sin((kind === 0 ? x : kind === 1 ? y : x + y) / 3);
      for (let c = 0; c < 3; c++) {
        const at = (y * width + x) * 3 + c;
        pixels[at] = 100 + 50 * wave + (c === kind ? 30 : 0) + 60 * (noise[at] as number);
      }
    }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
