import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordSideOf, type Manifest, type RunSpec } from '../../src/contract/run-files.ts';
import { ownSeat } from '../../src/contract/seat.ts';
import { initialise } from '../../src/engine/backbones/initialise.ts';
import { backbone, twin } from '../../src/engine/backbones/registry.ts';
import type { Shrink } from '../../src/engine/backbones/spec.ts';
import { generator } from '../../src/engine/data/random.ts';
import { createReader } from '../../src/engine/data/reader.ts';
import { adapt } from '../../src/engine/jobs/adapt.ts';
import { createServices } from '../../src/engine/jobs/default-services.ts';
import { createEmbedder } from '../../src/engine/jobs/embedder.ts';
import { withJob, type Job } from '../../src/engine/jobs/job.ts';
import { momentOf, phasesOf } from '../../src/engine/jobs/phases.ts';
import { Programs, type EngineServices } from '../../src/engine/jobs/services.ts';
import { viewPreset } from '../../src/engine/augment/presets.ts';
import { knnAccuracy } from '../../src/engine/methods/monitor.ts';
import { method, settingsOf } from '../../src/engine/methods/registry.ts';
import type { Settings } from '../../src/engine/methods/types.ts';
import { onlineBackbone } from '../../src/engine/methods/objective.ts';
import { stripPrefix } from '../../src/engine/nn/tree.ts';
import type { CompiledProgram, Executor, HostTree } from '../../src/engine/nn/types.ts';

export interface LearnOptions {
  /** A folder with one folder of images per class. */
  readonly data: string;
  /** Where runs and their cache lie meanwhile. */
  readonly scratch: string;
  readonly method: string;
  readonly settings: Settings;
  readonly backbone: string;
  readonly shrink: Shrink;
  /** Name of the preset of random views. */
  readonly views: string;
  readonly size: number;
  readonly batch: number;
  readonly epochs: number;
  /** Images that are adapted to, and others, held apart, whose labels are looked at. */
  readonly images: number;
  readonly held: number;
  readonly seed: number;
}
export interface Learnt {
  readonly outcome: string;
  readonly seconds: number;
  /** kNN accuracy of the held images, by the untrained backbone and by what it became. */
  readonly before: number | null;
  readonly after: number | null;
  /** Success in the method's own task on held images, and that of chance; null without one. */
  readonly task: { readonly value: number; readonly chance: number } | null;
  /** Of each pass, from before the first: mean loss, and the monitor's kNN accuracy of 512 of the held images. */
  readonly losses: readonly (number | null)[];
  readonly neighbours: readonly (number | null)[];
}

/** One adaptation from random weights by the engine's own job, and what it gained on images it did not see. */
export async function learn(options: LearnOptions): Promise<Learnt> {
  const folder = await runFolder(options);
  const services = fromScratch(options);
  const context = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };
  try {
    return await withJob(services.engine, { runFolder: folder, device: 'cpu' }, context, async (job) => {
      const before = await heldAccuracy(job, await job.pretrained());
      const begun = performance.now();
      const { outcome, monitor } = await adapt(job, 0);
      const seconds = (performance.now() - begun) / 1000;
      const trained = services.trained();
      const after = await heldAccuracy(job, trained.backbone);
      return {
        outcome,
        seconds,
        before,
        after,
        task: await heldTask(job, trained.compiled, options),
        losses: monitor.map(({ loss }) => loss),
        neighbours: monitor.map(({ knnAccuracy: accuracy }) => accuracy),
      };
    });
  } finally {
    await services.engine.programs.clear();
    services.engine.pool().close();
    await (await services.engine.executor('onnx', 'cpu')).dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

const everyFile = (data: string): { path: string; class: number }[] =>
  readdirSync(data)
    .sort()
    .flatMap((name, kind) =>
      readdirSync(join(data, name))
        .sort()
        .map((file) => ({ path: join(data, name, file), class: kind })),
    );

/** A run of the engine over a random choice of the images, the same for every method and seed. */
async function runFolder(options: LearnOptions): Promise<string> {
  const files = everyFile(options.data);
  const order = generator(0, 'images of the bench').permutation(files.length);
  const chosen = [...order.subarray(0, options.images + options.held)].map(
    (at) => files[at] as { path: string; class: number },
  );
  const ids = [...chosen.keys()];
  const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
  const labels = chosen.map(({ class: kind }, id) => ({ image: id, class: kind, group: id }));
  const learnsFromLabels = 'labels' in (objectiveOf(options).batch ?? {});
  const manifest: Manifest = {
    version: 1,
    cacheFolder: join(options.scratch, 'cache'),
    images: chosen.map(({ path }, id) => ({ id, path, hash: hash(path) })),
    classes: readdirSync(options.data)
      .sort()
      .map((name, id) => ({ id, name })),
    adapt: ids.slice(0, options.images),
    training: learnsFromLabels ? labels : labels.slice(options.images),
    draws: [],
    check: [],
  };
  const { size } = options;
  const spec: RunSpec = {
    version: 1,
    runId: `${options.method}-${options.seed}`,
    createdAt: new Date().toISOString(),
    seed: options.seed,
    size,
    recordSide: recordSideOf(size),
    backbone: { name: options.backbone, weightsSha256: '' },
    method: { name: options.method, settings: options.settings },
    views: viewPreset(options.views).name,
    adapt: { epochs: options.epochs, batch: options.batch, seeds: 1, maxImages: options.images },
    regimes: ['probe'],
    testTimeAugmentation: false,
    protocol: { kind: 'subsample', draws: 1, check: 'reserved' },
    engine: 'onnx',
  };
  const folder = join(options.scratch, 'runs', spec.runId);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'spec.json'), JSON.stringify(spec));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

function contextOf(options: LearnOptions) {
  const { batch, size } = options;
  const { student, backboneOf } = backbonesOf(options);
  const settings = settingsOf(method(options.method), options.settings);
  const views = viewPreset(options.views);
  return { backbone: student, settings, batch, recordSide: recordSideOf(size), size, views, backboneOf };
}
const objectiveOf = (options: LearnOptions) => method(options.method).objective(contextOf(options));

/** The narrow backbone that learns; a teacher is whole, with the weights it comes with. */
const backbonesOf = ({ backbone: wanted, shrink }: LearnOptions) => {
  const student = twin(wanted, shrink);
  return { student, backboneOf: (name: string) => (name === wanted ? student : backbone(name)) };
};

/** The engine with untrained weights of the seed; it keeps hold of the program that trained last. */
function fromScratch(options: LearnOptions): {
  engine: EngineServices;
  trained: () => { compiled: CompiledProgram; backbone: HostTree };
} {
  const { seed } = options;
  const { student, backboneOf } = backbonesOf(options);
  const shipped = createServices();
  let last: CompiledProgram | null = null;
  let state: HostTree = {};
  const watch = (compiled: CompiledProgram): CompiledProgram => ({
    load: (tree) => compiled.load(tree),
    async read() {
      state = await compiled.read();
      return state;
    },
    run(inputs) {
      last = compiled;
      return compiled.run(inputs);
    },
    dispose: () => compiled.dispose(),
  });
  const executor = shipped.executor('onnx', 'cpu').then((inner): Executor => ({
    name: inner.name,
    dispose: () => inner.dispose(),
    async compile(program) {
      const compiled = await inner.compile(program);
      const trains = Object.keys(program.signature.state).some((name) => name.startsWith(onlineBackbone));
      return trains ? watch(compiled) : compiled;
    },
  }));
  return {
    engine: {
      backbone: backboneOf,
      weights: (wanted, ...from) =>
        wanted.name === student.name
          ? Promise.resolve(initialise(wanted, generator(seed, 'untrained weights')))
          : shipped.weights(wanted, ...from),
      executor: () => executor,
      pool: () => shipped.pool(),
      programs: new Programs(),
    },
    trained() {
      if (!last) throw new Error('nothing was trained');
      return { compiled: last, backbone: stripPrefix(state, onlineBackbone) };
    },
  };
}

/** The images that were not adapted to. */
const heldOf = ({ run }: Job): Manifest['training'] => {
  const seen = new Set(run.manifest.adapt);
  return run.manifest.training.filter(({ image }) => !seen.has(image));
};

async function heldAccuracy(job: Job, backbone: HostTree): Promise<number | null> {
  const held = heldOf(job);
  const embedder = await createEmbedder(job, 1);
  await embedder.load(backbone);
  const { data } = await embedder.embedAll(held.map(({ image }) => image));
  return knnAccuracy({
    data,
    count: held.length,
    width: job.backbone.features,
    labels: held.map((label) => label.class),
    groups: held.map((label) => label.group),
  });
}

/** Mean of `metrics.task` over held images, with the rates of the last step, which are next to nothing. */
async function heldTask(job: Job, compiled: CompiledProgram, options: LearnOptions): Promise<Learnt['task']> {
  const { task, ...rest } = method(options.method);
  if (!task) return null;
  const context = contextOf(options);
  const phase = phasesOf({ ...rest, task }, context, options.epochs).at(-1);
  if (!phase) return null;
  const held = heldOf(job).map(({ image }) => job.run.image(image));
  const steps = Math.floor(held.length / options.batch);
  const imagesOf = (step: number) => held.slice(step * options.batch, (step + 1) * options.batch);
  const reader = createReader({ records: job.records, imagesOf, batch: options.batch, firstStep: 0, steps });
  const stepsPerEpoch = Math.floor(options.images / options.batch);
  const hyper = phase.program.hyper(momentOf(phase, options.epochs * stepsPerEpoch - 1, stepsPerEpoch));
  let sum = 0;
  try {
    for (let step = 0; step < steps; step++) {
      const random = phase.program.random(generator(options.seed, 'held task', step));
      const metrics = await compiled.run({ batch: await reader.next(), hyper, random });
      sum += metrics['task']?.data[0] ?? NaN;
    }
  } finally {
    await reader.close();
  }
  return { value: sum / steps, chance: task.chance(context.settings) };
}
