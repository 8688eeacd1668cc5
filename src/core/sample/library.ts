import { fileURLToPath } from 'node:url';
import type Database from 'better-sqlite3';
import { writeBatch } from '../labels/log.ts';

const resources = new URL('../../../resources/sample/', import.meta.url);
export const sampleImages = fileURLToPath(new URL('images', resources));
export const sampleRun = fileURLToPath(new URL('run', resources));
export const sampleName = 'Sample library';

/** Who set the labels the sample comes with. */
export const sampleRater = 'sample';
const labelsPerClass = 4;

/** Folders of the sample and the names of their classes, in the order of the keys 1 to 8. */
export const sampleClasses: ReadonlyMap<string, string> = new Map([
  ['basophil', 'Basophil'],
  ['eosinophil', 'Eosinophil'],
  ['erythroblast', 'Erythroblast'],
  ['ig', 'Immature granulocyte'],
  ['lymphocyte', 'Lymphocyte'],
  ['monocyte', 'Monocyte'],
  ['neutrophil', 'Neutrophil'],
  ['platelet', 'Platelet'],
]);

export interface SampleImage {
  readonly id: number;
  readonly file: string;
  readonly side: 'training' | 'check' | 'excluded';
  /** Name of its true class. */
  readonly class: string;
}

/** Every image with what it truly is. In the order of their content, which knows nothing of classes. */
export function sampleTruth(db: Database.Database): SampleImage[] {
  return db
    .prepare<[], { id: number; file: string; side: SampleImage['side'] }>(
      `SELECT id, file, side FROM image WHERE role = 'main' AND state = 'ok' ORDER BY hash`,
    )
    .all()
    .map((image) => ({ ...image, class: sampleClasses.get(image.file.split('/')[0] ?? '') ?? '' }));
}

/** The first few of each class, none of them kept for checking. */
export function labelSample(db: Database.Database): void {
  const truth = sampleTruth(db).filter(({ side }) => side === 'training');
  const changes = [...sampleClasses.values()].flatMap((name) =>
    truth
      .filter((image) => image.class === name)
      .slice(0, labelsPerClass)
      .map(({ id: image }) => ({ image, kind: 'class' as const, class: name })),
  );
  writeBatch(db, { rater: sampleRater, kind: 'import', changes });
}
