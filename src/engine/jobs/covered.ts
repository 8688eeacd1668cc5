import type { ArmName, ManifestImage } from '../../contract/run-files.ts';
import { cover, type Picture } from '../explain/cells.ts';
import type { HostTree } from '../nn/types.ts';
import { encodeColumns } from '../regimes/columns.ts';
import { headScores } from '../regimes/probe.ts';
import { appliedTemperature } from './calibrate.ts';
import { createEmbedder, EMBED_BATCH, turnsOf, type Embedder } from './embedder.ts';
import type { Job } from './job.ts';
import { deployedModels } from './predict.ts';
import type { Model } from './train.ts';

/** What the applied model says of pictures that are covered in part. */
export interface Said {
  /** [n, classes] */
  readonly probabilities: Float64Array;
  /** Of one class, of each picture. */
  of(named: number): number[];
  /** Log-odds of one class, of each picture: log p − log(1 − p), of which 1 − p is not lost beside 1. */
  logOdds(named: number): number[];
}

export interface Asked {
  /** What the cells are covered with: three bytes. */
  readonly colour: Uint8Array;
  /** Sets of cells, one picture each. */
  readonly coverings: readonly (readonly number[])[];
  advance(n: number): void;
}

/** The applied model of an arm, opened to be asked about one picture after the other. */
export interface Applied {
  /** As prediction says it: the mean over the models, each corrected by the temperature. */
  ask(picture: Picture, image: Pick<ManifestImage, 'columns'>, asked: Asked): Promise<Said>;
  readonly models: readonly { readonly model: Model; readonly backbone: HostTree }[];
  readonly embedder: Embedder;
}

/** @throws AppError `job.not-trained` */
export async function openApplied(job: Job, arm: ArmName): Promise<Applied> {
  const models = await deployedModels(job, arm);
  const temperature = await appliedTemperature(job, arm);
  const embedder = await createEmbedder(job, turnsOf(job.run.spec));
  const { recordBytes } = job.records.cache;
  const classes = job.run.manifest.classes.length;
  const pixels = new Uint8Array(EMBED_BATCH * recordBytes);
  return {
    models,
    embedder,
    async ask(picture, { columns = [] }, { colour, coverings, advance }) {
      const probabilities = new Float64Array(coverings.length * classes);
      const rests = new Float64Array(coverings.length * classes);
      for (const { model, backbone } of models) {
        await embedder.load(backbone);
        for (let from = 0; from < coverings.length; from += EMBED_BATCH) {
          job.context.signal.throwIfAborted();
          const some = coverings.slice(from, from + EMBED_BATCH);
          some.forEach((cells, i) => cover(picture, cells, colour, pixels.subarray(i * recordBytes)));
          const boxes = some.map(() => picture.box);
          const features = await embedder.embed(pixels, boxes);
          const beside = encodeColumns(
            model.columns,
            some.map(() => columns),
          );
          addShares(headScores(model.head, features, beside), {
            classes,
            temperature,
            weight: 1 / models.length,
            shares: probabilities.subarray(from * classes),
            rests: rests.subarray(from * classes),
          });
          advance(some.length / models.length);
        }
      }
      const column = (values: Float64Array, named: number): number[] =>
        coverings.map((_, at) => values[at * classes + named]!);
      return {
        probabilities,
        of: (named) => column(probabilities, named),
        logOdds: (named) => {
          const rest = column(rests, named);
          return column(probabilities, named).map((share, at) => Math.log(share) - Math.log(rest[at]!));
        },
      };
    },
  };
}

interface Sums {
  readonly classes: number;
  readonly temperature: number;
  readonly weight: number;
  readonly shares: Float64Array;
  readonly rests: Float64Array;
}

/** Adds the softmax of each row of logits, and what each share lacks to 1. */
function addShares(scores: Float64Array, { classes, temperature, weight, shares, rests }: Sums): void {
  for (let from = 0; from < scores.length; from += classes) {
    const row = scores.subarray(from, from + classes);
    const most = Math.max(...row);
    const parts = row.map((score) => Math.exp((score - most) / temperature));
    const total = parts.reduce((sum, part) => sum + part, 0);
    for (let named = 0; named < classes; named++) {
      let others = 0;
      for (let k = 0; k < classes; k++) if (k !== named) others += parts[k]!;
      shares[from + named]! += (weight * parts[named]!) / total;
      rests[from + named]! += (weight * others) / total;
    }
  }
}
