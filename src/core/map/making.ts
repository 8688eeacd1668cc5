import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { EngineCalls } from '../../contract/engine-calls.ts';
import type { Progress } from '../../contract/progress.ts';
import { runSpecSchema, type ArmName, type ManifestImage, type RunSpec } from '../../contract/run-files.ts';
import { readRunJson } from '../../files/run-json.ts';
import type { CallerInputOf } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import type { Project } from '../db/open.ts';
import { featureBackbone, featureFile, featureSize, featureWidth } from '../features/store.ts';
import { manifestImage, type ImageFile } from '../library/manifest-image.ts';
import { readImportSetting } from '../library/paths.ts';
import { boardOf } from '../projects/board.ts';
import { adaptedBackbone } from '../runs/adaptation.ts';
import { readUserSettings } from '../settings/user.ts';
import { eachFeatureRow } from './feature-rows.ts';
import { mapFiles, type MapFiles } from './map-file.ts';
import { drawInThread } from './thread.ts';

/** Images of one call of the engine: whoever else wants it waits for no more. */
const chunk = 2048;
/** Of the time, where features are missing. */
const featuresShare = 0.7;

export interface Wanted {
  readonly run: string;
  readonly arm: ArmName;
}
interface Work extends Wanted {
  readonly done: Promise<void>;
  readonly stop: AbortController;
  readonly listeners: Set<(progress: Progress) => void>;
}

/** Maps that are being made, at most one for each project; who asks for the same one joins. */
export class Making {
  readonly #context: CoreContext;
  readonly #work = new Map<string, Work>();

  constructor(context: CoreContext) {
    this.#context = context;
  }

  of(project: Project): Wanted | null {
    return this.#work.get(project.id) ?? null;
  }

  /** @throws AppError `map.busy`, `run.busy`, and what the engine and the disk throw; the signal's reason when aborted */
  async make(
    project: Project,
    { run, arm }: Wanted,
    signal: AbortSignal,
    tell: (progress: Progress) => void,
  ): Promise<void> {
    let work = this.#work.get(project.id);
    if (work && (work.run !== run || work.arm !== arm)) throw new AppError('map.busy');
    work ??= this.#begin(project, { run, arm });
    const { stop, listeners, done } = work;
    const cancel = (): void => {
      // A page that went away stops nothing: it may come back, and others may wait.
      const isGone = signal.reason instanceof AppError && signal.reason.code === 'process.died';
      if (!isGone) stop.abort(signal.reason);
    };
    signal.addEventListener('abort', cancel);
    listeners.add(tell);
    try {
      await done;
    } finally {
      signal.removeEventListener('abort', cancel);
      listeners.delete(tell);
    }
  }

  #begin(project: Project, wanted: Wanted): Work {
    const stop = new AbortController();
    const listeners = new Set<(progress: Progress) => void>();
    const tell = (progress: Progress): void => listeners.forEach((listener) => listener(progress));
    const done = this.#make(project, wanted, stop.signal, tell).finally(() => this.#work.delete(project.id));
    const work = { ...wanted, done, stop, listeners };
    this.#work.set(project.id, work);
    project.onClose(() => stop.abort(new AppError('process.died')));
    return work;
  }

  async #make(
    project: Project,
    { run, arm }: Wanted,
    signal: AbortSignal,
    tell: (progress: Progress) => void,
  ): Promise<void> {
    const spec = await readRunJson(join(project.paths.runs, run, 'spec.json'), runSpecSchema);
    const files = mapFiles(project, run, arm);
    mkdirSync(dirname(files.features), { recursive: true, mode: 0o700 });
    const images = imagesOf(project);
    const shared = arm === 'plain' && (await this.#sharesFeatures(spec)) ? [featureFile(project)] : [];
    const features = [...shared, files.features];
    const known = new Set<number>();
    eachFeatureRow(features, (image) => known.add(image));
    const missing = images.filter(({ id }) => !known.has(id));
    for (let at = 0; at < missing.length; at += chunk) {
      const busy = boardOf(project.id).run;
      if (busy) throw new AppError('run.busy', { run: busy.id });
      const part = missing.slice(at, at + chunk);
      tell({ stage: 'features', fraction: (featuresShare * at) / missing.length });
      await this.#context.engine.call(
        'job.features',
        {
          cacheFolder: project.paths.cache,
          device: readUserSettings().device,
          backbone: spec.backbone.name,
          size: spec.size,
          width: featureWidth,
          weights: weightsOf(project, run, arm, spec),
          images: part,
          out: files.features,
        },
        {
          signal,
          onProgress: ({ fraction }) =>
            tell({ stage: 'features', fraction: (featuresShare * (at + fraction * part.length)) / missing.length }),
        },
      );
    }
    const begun = missing.length > 0 ? featuresShare : 0;
    const share = { fit: [begun, 0.6], place: [begun + (1 - begun) * 0.6, 0.4] } as const;
    await drawInThread(
      { files, features, images: Int32Array.from(images, ({ id }) => id), before: otherMap(project, run, arm) },
      (stage, done) => {
        const [from, part] = share[stage];
        tell({ stage, fraction: Math.min(1, from + (1 - begun) * part * done) });
      },
      signal,
    );
    // A gigabyte for a million images, that nothing else reads.
    rmSync(files.features, { force: true });
  }

  /** What suggestions are made from was computed by the very same network. */
  async #sharesFeatures({ backbone, size }: RunSpec): Promise<boolean> {
    if (backbone.name !== featureBackbone || size !== featureSize) return false;
    const { backbones } = await this.#context.engine.call('catalogue.list', {});
    return backbones.some(({ name, sha256 }) => name === backbone.name && sha256 === backbone.weightsSha256);
  }
}

/** Its seeds learn the same from other views; one of them is shown. */
export const adaptedFile = (project: Pick<Project, 'paths'>, run: string): string =>
  adaptedBackbone(join(project.paths.runs, run), 0);

const weightsOf = (
  project: Project,
  run: string,
  arm: ArmName,
  { backbone }: RunSpec,
): CallerInputOf<EngineCalls, 'job.features'>['weights'] =>
  arm === 'adapted'
    ? { from: 'adapted', file: adaptedFile(project, run) }
    : { from: 'project', folder: project.folder, sha256: backbone.weightsSha256 };

function otherMap(project: Project, run: string, arm: ArmName): string | null {
  const other: MapFiles = mapFiles(project, run, arm === 'plain' ? 'adapted' : 'plain');
  return existsSync(other.about) ? other.points : null;
}

/** Images of the library that can be read. */
function imagesOf({ db }: Project): ManifestImage[] {
  const setting = readImportSetting(db);
  if (!setting) return [];
  return db
    .prepare<[], ImageFile>(
      `SELECT id, file, hash, page FROM image WHERE role = 'main' AND batch = 0 AND state = 'ok' ORDER BY id`,
    )
    .all()
    .map((row) => manifestImage(setting.folder, row));
}
