import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RankInput, Ranking } from '../../contract/episodes.ts';
import type { RunOptions } from '../../contract/runs.ts';
import type { CallContext } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import type { Project } from '../db/open.ts';
import { readUserSettings } from '../settings/user.ts';
import { keepWeights } from '../weights/keep.ts';
import { takeAdaptation, withAdaptationOf, type EarlierRun } from './adaptation.ts';
import { centreImages, episodeStageNames, episodeStages } from './estimate.ts';
import { kendall } from './kendall.ts';
import type { RunService } from './service.ts';
import { settingsOf } from './settings.ts';
import { specify, writeSpecification, type Specification } from './specification.ts';
import { stageMeter } from './stages.ts';

/** With fewer candidates an agreement of orders says nothing. */
const LEAST_CANDIDATES = 4;

interface Candidate {
  readonly name: string;
  readonly options: RunOptions;
  /** Run whose adapted backbone it is; null for the backbone as it comes. */
  readonly from: EarlierRun | null;
}

/**
 * Which backbones tell the classes apart, by few-shot episodes on the training labels: minutes, where a run takes
 * hours. Check images take no part. All candidates get the same episodes.
 * @throws AppError `rank.few`, `run.noModel`, `backbone.unknown`, `weights.none`
 */
export async function rank(
  context: CoreContext,
  service: RunService,
  { project: folder, backbones, runs, size, seed, engine, ...episodes }: RankInput,
  call: Pick<CallContext, 'signal' | 'progress'>,
): Promise<Ranking> {
  const project = await service.project(folder);
  const catalogue = await service.catalogue(project);
  const named = backbones.length + runs.length > 0;
  const names = named ? backbones : catalogue.backbones.filter(({ sha256 }) => sha256 !== null).map(({ name }) => name);
  const shared: RunOptions = { project: folder, seed, seeds: 1, ...(engine ? { engine } : {}) };
  const candidates: Candidate[] = [
    ...names.map((name) => ({ name, options: { ...shared, backbone: name, ...(size ? { size } : {}) }, from: null })),
    ...runs.map((id) => {
      const { startedWith } = service.adaptedRun(project, id);
      return {
        name: `run ${id}`,
        options: { ...startedWith.options, ...shared },
        from: service.earlier(project, id),
      };
    }),
  ];
  const device = readUserSettings().device;
  const meter = stageMeter(candidates.flatMap(() => episodeStages(episodes)));
  let stageNow = 0;
  const found: Ranking['candidates'] = [];
  for (const [at, { name, options, from }] of candidates.entries()) {
    const own = await inFolder(project, async (runFolder) => {
      const identity = { id: 'rank', kind: 'adapt' as const, createdAt: new Date().toISOString() };
      const mine = specify(project, identity, settingsOf(options, catalogue));
      const specification = withFewUnlabelled(from ? await withAdaptationOf(from, 'adapt', mine) : mine);
      await keepWeights(project, specification.spec.backbone.weightsSha256);
      await writeSpecification(runFolder, specification);
      if (from) takeAdaptation(from, runFolder, specification);
      return context.engine.call(
        'job.episodes',
        { runFolder, device, arm: from ? 'adapted' : 'plain', seed: 0, ...episodes, drawSeed: seed },
        {
          signal: call.signal,
          onProgress: ({ stage, ...within }) => {
            const next = at * episodeStageNames.length + episodeStageNames.findIndex((known) => known === stage);
            // What was there already is not told of.
            for (; stageNow < next; stageNow++) meter.report(stageNow, { fraction: 1 });
            call.progress(meter.report(stageNow, { ...within, detail: name }));
          },
        },
      );
    });
    found.push({ name, ...own });
  }
  return {
    candidates: found.toSorted((a, b) => scoreOf(b, 'probe') - scoreOf(a, 'probe')),
    foretells: foretell(found),
  };
}

const scoreOf = ({ scores }: Ranking['candidates'][number], scorer: string): number =>
  scores.find(({ name }) => name === scorer)?.mean ?? NaN;

/** How well the order by each cheaper scorer agrees with that by full fine-tuning. */
function foretell(candidates: Ranking['candidates']): Ranking['foretells'] {
  const scorers = candidates[0]?.scores.map(({ name }) => name) ?? [];
  if (!scorers.includes('full')) return [];
  const by = (scorer: string): number[] => candidates.map((candidate) => scoreOf(candidate, scorer));
  return scorers
    .filter((name) => name !== 'full')
    .map((name) => ({
      name,
      tau: candidates.length < LEAST_CANDIDATES ? null : kendall(by(name), by('full')),
    }));
}

/** Unlabelled images only tell the mean of the features here: not all of a large library need be looked at. */
function withFewUnlabelled({ spec, manifest }: Specification): Specification {
  const step = Math.max(1, Math.ceil(manifest.adapt.length / centreImages));
  const adapt = manifest.adapt.filter((_, at) => at % step === 0);
  const kept = new Set([...adapt, ...manifest.training.map(({ image }) => image)]);
  return { spec, manifest: { ...manifest, adapt, images: manifest.images.filter(({ id }) => kept.has(id)) } };
}

/** Does `work` in a folder beside the runs, which is gone afterwards. */
async function inFolder<T>({ paths }: Project, work: (runFolder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(paths.tmp, 'rank-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
