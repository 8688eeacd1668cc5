import { AppError } from '../../contract/errors.ts';
import type { ArmName, ColumnValue } from '../../contract/run-files.ts';
import type { Box } from '../data/record-cache.ts';
import type { HostTree } from '../nn/types.ts';
import { encodeColumns } from '../regimes/columns.ts';
import { headProbabilities } from '../regimes/probe.ts';
import { appliedTemperature } from './calibrate.ts';
import { seedsOf } from './deploy.ts';
import { createEmbedder, EMBED_BATCH, turnsOf, type Embedder } from './embedder.ts';
import { backboneOf, type Job } from './job.ts';
import { readModel } from './model-file.ts';
import type { Model } from './train.ts';

export interface DeployedModel {
  readonly model: Model;
  /** Below its head. */
  readonly backbone: HostTree;
}

/** Records of at most `EMBED_BATCH` pictures, and what joins their features. */
export interface Batch {
  /** Back to back. */
  readonly pixels: Uint8Array;
  readonly boxes: readonly Box[];
  /** Values of the columns. */
  readonly rows: readonly (readonly ColumnValue[])[];
}

/** The applied model of an arm, opened: the mean over its seeds, each corrected by the temperature. */
export interface Applied {
  readonly models: readonly DeployedModel[];
  readonly embedder: Embedder;
  /**
   * Probabilities [count, classes]. Each model asks for all batches once.
   * @param batchAt pictures from one of them on, of the next `EMBED_BATCH`
   * @param advance told of pictures as they are done
   * @param untuned told the features by the arm's first backbone from before labels tuned it, of pictures from one of
   *   them on; where the models were tuned, that is one more look at each
   */
  probabilities(
    count: number,
    batchAt: (from: number, to: number) => Batch,
    advance: (n: number) => void,
    untuned?: ((features: Float32Array, from: number) => void) | null,
  ): Promise<Float32Array>;
}

/** A backbone that looks at every picture: for a model's head, as the untuned one, or as both. */
interface Look {
  readonly model: Model | null;
  readonly backbone: HostTree;
  readonly isUntuned: boolean;
}

/** @throws AppError `job.not-trained` */
export async function openApplied(job: Job, arm: ArmName): Promise<Applied> {
  const models = await deployedModels(job, arm);
  const temperature = await appliedTemperature(job, arm);
  const embedder = await createEmbedder(job, turnsOf(job.run.spec));
  const classes = job.run.manifest.classes.length;
  const isTuned = models.some(({ model }) => model.backbone !== null);
  const looks: readonly Look[] = models.map((each, at) => ({ ...each, isUntuned: !isTuned && at === 0 }));
  let untunedLook: Look | undefined;
  const allLooks = async (): Promise<readonly Look[]> => {
    if (!isTuned) return looks;
    untunedLook ??= { model: null, backbone: await backboneOf(job, arm, 0), isUntuned: true };
    return [...looks, untunedLook];
  };
  return {
    models,
    embedder,
    async probabilities(count, batchAt, advance, untuned = null) {
      const values = new Float32Array(count * classes);
      const wanted = untuned ? await allLooks() : looks;
      for (const { model, backbone, isUntuned } of wanted) {
        await embedder.load(backbone);
        for (let from = 0; from < count; from += EMBED_BATCH) {
          job.context.signal.throwIfAborted();
          const { pixels, boxes, rows } = batchAt(from, Math.min(count, from + EMBED_BATCH));
          const features = await embedder.embed(pixels, boxes);
          if (isUntuned) untuned?.(features, from);
          if (model) {
            const beside = encodeColumns(model.columns, rows);
            headProbabilities(model.head, features, { beside, temperature }).forEach((value, i) => {
              const place = from * classes + i;
              values[place] = (values[place] as number) + value / models.length;
            });
          }
          advance(boxes.length / wanted.length);
        }
      }
      return values;
    },
  };
}

/** The models whose probabilities are averaged, each with the backbone below its head. @throws AppError `job.not-trained` */
export async function deployedModels(job: Job, arm: ArmName): Promise<DeployedModel[]> {
  const first = await readModel(job.run.paths.deployed(arm, 0)).catch((cause: unknown) => {
    if (cause instanceof AppError && cause.code === 'weights.not-found')
      throw new AppError('job.not-trained', { arm }, { cause });
    throw cause;
  });
  const models = [];
  for (const seed of seedsOf(job, arm, first.regime)) {
    const model = seed === 0 ? first : await readModel(job.run.paths.deployed(arm, seed));
    models.push({ model, backbone: model.backbone ?? (await backboneOf(job, arm, seed)) });
  }
  return models;
}
