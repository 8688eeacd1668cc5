import type { ArmName, RegimeName } from '../../contract/run-files.ts';
import type { EpisodeInput, EpisodeScores } from '../../contract/episodes.ts';
import { generator } from '../data/random.ts';
import { studentInterval } from '../../statistics/intervals.ts';
import { topClass } from '../evaluate/metrics.ts';
import { baseOf } from '../jobs/finetune.ts';
import { cellSeed, type Job } from '../jobs/job.ts';
import { probabilitiesOf, train } from '../jobs/train.ts';
import { drawEpisode, nearestPrototype, type Episode } from './episode.ts';

/** Expected seconds of an episode; only their proportions matter. */
const costOf = (scorer: 'protonet' | RegimeName): number =>
  scorer === 'protonet' ? 0.01 : scorer === 'probe' ? 0.2 : 30;

/**
 * How well few-shot episodes are solved with the features of one backbone: by prototypes, by the probe, and by regimes
 * that train the backbone, on the first few episodes. The same seed and labels give every backbone the same episodes.
 * @throws AppError `rank.few`, `job.no-labels`
 */
export async function scoreEpisodes(job: Job, arm: ArmName, seed: number, input: EpisodeInput): Promise<EpisodeScores> {
  const labels = job.usable.training;
  const classes = job.run.manifest.classes.length;
  const base = await baseOf(job, arm, seed);
  const quiet: Job = { ...job, context: { ...job.context, progress: () => {} } };
  const tasks = Array.from({ length: input.episodes }, (_, at) =>
    drawEpisode(labels, input, generator(input.drawSeed, 'episodes', at)),
  );
  const scorers = [
    { name: 'protonet' as const, tasks },
    { name: 'probe' as const, tasks },
    ...input.regimes.map((name) => ({ name, tasks: tasks.slice(0, input.trained) })),
  ];
  const total = scorers.reduce((sum, { name, tasks: own }) => sum + own.length * costOf(name), 0);
  let done = 0;
  const called = async (name: (typeof scorers)[number]['name'], episode: Episode, at: number): Promise<number[]> => {
    if (name === 'protonet') return nearestPrototype(episode, base.features.rows, base.features.mean);
    const model = await train(quiet, name, base, episode.support, cellSeed(input.drawSeed, seed, at));
    const ids = episode.query.map(({ image }) => image);
    const probabilities = await probabilitiesOf(quiet, model, base.features, ids);
    return ids.map((_, row) => topClass({ probabilities, classes }, row));
  };
  const scores: EpisodeScores['scores'] = [];
  for (const scorer of scorers) {
    const accuracies: number[] = [];
    for (const [at, episode] of scorer.tasks.entries()) {
      job.context.signal.throwIfAborted();
      const names = await called(scorer.name, episode, at);
      const right = episode.query.filter((label, i) => label.class === names[i]).length;
      accuracies.push(right / episode.query.length);
      done += costOf(scorer.name);
      job.context.progress({ stage: 'episodes', fraction: Math.min(1, done / total) });
    }
    scores.push({ name: scorer.name, episodes: accuracies.length, ...meanAndRange(accuracies) });
  }
  return { scores };
}

/** Mean and 95 % range of it over episodes, by Student's t. */
function meanAndRange(values: readonly number[]): { mean: number; ci: [number, number] } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const [low, high] = studentInterval(mean, { variance: variance / n, degrees: n - 1 }, [-Infinity, Infinity]);
  return { mean, ci: [low, high] };
}
