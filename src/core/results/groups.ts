import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  heldColumnsSchema,
  type ArmName,
  type HeldColumns,
  type Manifest,
  type Scored,
} from '../../contract/run-files.ts';
import { readRunJson } from '../../files/run-json.ts';
import { shareOf, type Share } from '../../statistics/share.ts';
import { keptColumns, valuesIn } from '../columns/columns.ts';
import type { Project } from '../db/open.ts';
import { readSpecification } from '../runs/specification.ts';
import { isRight, weightOf } from './scored.ts';

/** Check images by one column: the groups that are kept apart (null), or one that results are reported by. */
export interface GroupTable {
  readonly column: string | null;
  readonly rows: (Share & { value: string })[];
}

/** A class whose training labels all come from one group, or one scanner. */
export interface Carried {
  readonly class: string;
  readonly column: string | null;
  readonly value: string;
}

export interface GroupsView {
  readonly tables: GroupTable[];
  /** What is told of one scanner by models that never saw it; empty of runs from before it was asked. */
  readonly held: HeldColumns['columns'];
  readonly carried: Carried[];
}

/** Value of each image in a column, or the group that is kept apart (null); images without one are missing. */
const valuesOf = ({ db }: Project, column: string | null): Map<number, string> =>
  column === null
    ? new Map(
        db
          .prepare<[], [number, string]>(
            `SELECT image.id, image_group.name FROM image JOIN image_group ON image_group.id = image.group_id`,
          )
          .raw()
          .all(),
      )
    : valuesIn(db, column);

/** Which check images have this value in this column. */
export const inGroup = (project: Project, { column, value }: { column: string | null; value: string }) => {
  const values = valuesOf(project, column);
  return (image: number): boolean => values.get(image) === value;
};

/**
 * Which patient, slide or scanner goes wrong, worst first, and which class hangs on one of them.
 * @param images those of the run, as `readScored` tells them
 */
export async function groupsOf(
  project: Project,
  run: string,
  images: Scored['images'],
  arm: ArmName,
): Promise<GroupsView> {
  const columns = [null, ...keptColumns(project.db)].map((column) => [column, valuesOf(project, column)] as const);
  const specification = await readSpecification(join(project.paths.runs, run));
  const heldFile = join(project.paths.runs, run, 'models', `held-columns-${arm}.json`);
  return {
    tables: columns.flatMap(([column, values]) => {
      const rows = tableOf(images, values, arm, column === null);
      return rows.length > 0 ? [{ column, rows }] : [];
    }),
    held: existsSync(heldFile) ? (await readRunJson(heldFile, heldColumnsSchema)).columns : [],
    carried: specification
      ? columns.flatMap(([column, values]) => carriedBy(specification.manifest, values, column))
      : [],
  };
}

function tableOf(
  images: Scored['images'],
  values: ReadonlyMap<number, string>,
  arm: ArmName,
  isApart: boolean,
): GroupTable['rows'] {
  const known = images.filter(({ image }) => values.has(image));
  const rows = [...Map.groupBy(known, ({ image }) => values.get(image)!)].map(([value, of]) => {
    const counted = of.map((image) => ({
      image: image.image,
      draw: 0,
      hit: isRight(image, arm),
      // Within one patient images are all there is; within one scanner patients still stick together.
      cluster: isApart ? image.image : image.cluster,
      weight: weightOf(image),
    }));
    return { value, ...shareOf(counted)! };
  });
  return rows.sort((a, b) => a.mean - b.mean || a.value.localeCompare(b.value, 'en', { numeric: true }));
}

function carriedBy(manifest: Manifest, values: ReadonlyMap<number, string>, column: string | null): Carried[] {
  if (new Set(manifest.training.flatMap(({ image }) => values.get(image) ?? [])).size < 2) return [];
  return manifest.classes.flatMap(({ name }, index) => {
    const own = manifest.training.filter((label) => label.class === index).map(({ image }) => values.get(image));
    const [value, ...others] = [...new Set(own)];
    return value !== undefined && others.length === 0 ? [{ class: name, column, value }] : [];
  });
}
