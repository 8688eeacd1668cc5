import { existsSync } from 'node:fs';
import type { ImageMap } from '../../contract/calls/map.ts';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { ArmName } from '../../contract/run-files.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import type { Project } from '../db/open.ts';
import { sight } from '../labels/visibility.ts';
import { projectOf } from '../projects/registry.ts';
import { findRun } from '../runs/rows.ts';
import { keyText } from '../thumbnails/keys.ts';
import { queries } from '../views/queries.ts';
import { Making, adaptedFile } from './making.ts';
import { mapFiles, readAbout, readBytes } from './map-file.ts';

type MapCalls = Pick<CoreCalls, 'map.state' | 'map.make' | 'map.read' | 'map.colours'>;

export function handlers(context: CoreContext): Handlers<MapCalls> {
  const making = new Making(context);
  const looked = (ref: string): Promise<Project> => projectOf(ref, { readOnly: true });
  return {
    'map.state': async ({ project: ref, run }) => {
      const project = await looked(ref);
      findRun(project.db, run);
      const under = making.of(project);
      const images = project.db
        .prepare<[], number>(`SELECT count(*) FROM image WHERE role = 'main' AND batch = 0 AND state = 'ok'`)
        .pluck()
        .get();
      return {
        images: images ?? 0,
        plain: await mapOf(project, run, 'plain'),
        adapted: await mapOf(project, run, 'adapted'),
        hasAdapted: existsSync(adaptedFile(project, run)),
        making: under?.run === run ? under.arm : null,
      };
    },
    'map.make': async ({ project: ref, run, arm }, { signal, progress }) => {
      const project = await projectOf(ref);
      findRun(project.db, run);
      if (arm === 'adapted' && !existsSync(adaptedFile(project, run))) throw new AppError('run.noModel', { run, arm });
      await making.make(project, { run, arm }, signal, progress);
      const made = await mapOf(project, run, arm);
      if (!made) throw new AppError('map.none', { run });
      return made;
    },
    'map.read': async ({ project: ref, run, arm, from, count }) => {
      const files = mapFiles(await looked(ref), run, arm);
      return readBytes(files.points, from, count);
    },
    'map.colours': async ({ project: ref, rater, run, arm, by }, { signal }) => {
      const project = await looked(ref);
      const eyes = sight(project.db, rater);
      // Groups and what a model said tell a blind rater what others know.
      if (eyes.blind && by !== 'class') throw new AppError('second.blind');
      const { about, points } = mapFiles(project, run, arm);
      if (!existsSync(about)) throw new AppError('map.none', { run });
      const { values, names } = await queries(project).ask(
        'mapColours',
        { file: points, sight: { rater: eyes.rater, blind: eyes.blind }, by },
        signal,
      );
      return { values: new Uint8Array(values.buffer, values.byteOffset, values.byteLength), names };
    },
  };
}

async function mapOf(project: Project, run: string, arm: ArmName): Promise<ImageMap | null> {
  const about = await readAbout(mapFiles(project, run, arm));
  if (!about) return null;
  const { version: _, clusters, ...rest } = about;
  return {
    ...rest,
    clusters: clusters.map((cluster) => ({
      ...cluster,
      examples: cluster.examples.map((image) => ({ image, key: keyText(project.id, image) })),
    })),
  };
}
