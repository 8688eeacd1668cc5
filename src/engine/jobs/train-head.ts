import { AppError } from '../../contract/errors.ts';
import { riseAndCosine } from '../optim/schedules.ts';
import { headProgram } from '../regimes/programs/head.ts';
import { finetuneRecipes } from '../regimes/programs/finetune.ts';
import { headOf, headTree, type Head } from '../regimes/probe.ts';
import { FINETUNE_BATCH } from '../regimes/registry.ts';
import type { HostTree } from '../nn/types.ts';
import type { Job } from './job.ts';
import { VIEWS, type ImageView } from './view-features.ts';

/** What a step of fine-tuning learns from: labels by their place, and how they go into a program. */
export interface Lesson {
  readonly images: readonly number[];
  /** Labels of a step, `FINETUNE_BATCH` places of `images`. */
  at(step: number): readonly number[];
  /** `labels` and `weights` of those, and what joins their features. */
  batch(places: readonly number[]): HostTree;
}

/**
 * The first steps of a regime, in which the backbone is held: the head learns from features of `VIEWS` fixed random
 * views of each image, taken in turn, instead of from new views that the backbone would have to look at in every step.
 * @param features of views of this arm and seed
 * @throws AppError `train.nan`; the reason of the job's signal when aborted
 */
export async function trainHead(
  job: Job,
  head: Head,
  lesson: Lesson,
  steps: number,
  features: (wanted: readonly ImageView[]) => Promise<(view: ImageView) => Float32Array>,
): Promise<Head> {
  const seen = new Map<number, number>();
  const viewsOf = (step: number): ImageView[] =>
    lesson.at(step).map((place) => {
      const image = lesson.images[place] as number;
      const before = seen.get(image) ?? 0;
      seen.set(image, before + 1);
      return { image, view: before % VIEWS };
    });
  const all = Array.from({ length: steps }, (_, step) => viewsOf(step));
  const featuresOf = await features(all.flat());
  const width = head.mean.length;
  const classes = head.bias.length;
  const beside = head.weight.length / classes - width;
  const shape = { features: width, beside, classes, batch: FINETUNE_BATCH };
  const program = headProgram(shape);
  const make = () => program;
  const compiled = await job.services.programs.get(job.executor, 'pass', `head ${JSON.stringify(shape)}`, make);
  await compiled.load(program.initialState(headTree(head)));
  const { head: rate, weightDecay } = finetuneRecipes.all;
  for (const [step, views] of all.entries()) {
    job.context.signal.throwIfAborted();
    const data = new Float32Array(FINETUNE_BATCH * width);
    views.forEach((view, i) => data.set(featuresOf(view), i * width));
    const { loss } = await compiled.run({
      batch: {
        features: { shape: [FINETUNE_BATCH, width], dtype: 'float32', data },
        ...lesson.batch(lesson.at(step)),
      },
      hyper: program.hyper(rate * riseAndCosine(step, steps), weightDecay, step + 1),
      random: {},
    });
    if (!Number.isFinite(loss?.data[0])) throw new AppError('train.nan', { pass: 1 });
  }
  return headOf(await compiled.read());
}
