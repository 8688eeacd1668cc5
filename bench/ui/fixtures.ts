/**
 * Makes a project as large as the page's budgets name it: rows of a catalogue over 2,000 distinct pictures, 40 groups,
 * 5,000 labels. The first 2,000 images have their files; with `linked` the others do too, as links to the same bytes, so
 * that the folder can be scanned. Else they have their thumbnails only.
 *   node bench/ui/fixtures.ts FOLDER [rows] [labels] [linked]
 */
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { appendAudit } from '../../src/core/audit/log.ts';
import { transact } from '../../src/core/db/errors.ts';
import { openProject, type Project } from '../../src/core/db/open.ts';
import { featureFile, featureWidth } from '../../src/core/features/store.ts';
import { mostLooked } from '../../src/core/features/looking.ts';
import { writeBatch } from '../../src/core/labels/log.ts';
import { writeSetting } from '../../src/core/library/paths.ts';
import { settle } from '../../src/core/library/settled.ts';
import { generator } from '../../src/engine/data/random.ts';

export interface FixtureOptions {
  /** Project folder, made new; the images lie beside it in `<folder>-images`. */
  readonly folder: string;
  readonly rows: number;
  readonly pictures?: number;
  readonly groups?: number;
  readonly labels?: number;
  readonly linked?: boolean;
}
export const fixtureClasses = [
  'Basophil',
  'Eosinophil',
  'Erythroblast',
  'Immature granulocyte',
  'Lymphocyte',
  'Monocyte',
  'Neutrophil',
  'Platelet',
] as const;
export const fixtureRater = 'Ana';

const side = 128;
const actLength = 50;
const checkGroups = 8;

export async function makeFixture(options: FixtureOptions): Promise<{ project: string; images: string }> {
  const { rows, groups = 40, labels = 5000 } = options;
  const count = Math.min(options.pictures ?? 2000, rows);
  const folder = resolve(options.folder);
  const images = `${folder}-images`;
  const project = await openProject(folder, { create: true });
  try {
    const width = String(groups).length;
    for (let group = 1; group <= groups; group++) {
      mkdirSync(join(images, groupName(group, width)), { recursive: true });
    }
    await writePictures(project, { images, count, groups, width });
    if (options.linked) linkPictures(rows, { images, count, groups, width });
    writeRows(project, { images, rows, count, groups, width });
    writeLabels(project, Math.min(labels, rows), rows);
    writeFeatures(project);
  } finally {
    project.close();
  }
  return { project: folder, images };
}

/** Features as if all had been looked at: what is measured then is the page, not how fast it is looked. */
function writeFeatures(project: Project): void {
  const ids = project.db
    .prepare<[], number>(`SELECT id FROM image WHERE side IS NOT NULL ORDER BY hash, id LIMIT ${mostLooked}`)
    .pluck()
    .all();
  const rowBytes = 4 + 4 * featureWidth;
  const file = Buffer.alloc(ids.length * rowBytes);
  ids.forEach((id, row) => {
    file.writeInt32LE(id, row * rowBytes);
    const values = Array.from(generator(id, 'features').uniform(featureWidth), (value) => value - 0.5);
    const length = Math.hypot(...values);
    values.forEach((value, at) => file.writeFloatLE(value / length, row * rowBytes + 4 + 4 * at));
  });
  mkdirSync(dirname(featureFile(project)), { recursive: true });
  writeFileSync(featureFile(project), file);
}

interface Shape {
  readonly images: string;
  readonly count: number;
  readonly groups: number;
  readonly width: number;
}

const groupName = (group: number, width: number): string => `P${String(group).padStart(width, '0')}`;
/** The same in SQL as in `writePictures`: image i is of group (i − 1) % groups + 1 and looks like picture (i − 1) % count. */
const fileName = (image: number, { groups, width }: Shape): string =>
  `${groupName(((image - 1) % groups) + 1, width)}/cell_${String(image).padStart(7, '0')}.jpg`;

/** Small pictures of a blot on a ground, each once as a source file and once as its thumbnail. */
async function writePictures({ db, folder }: Project, shape: Shape): Promise<void> {
  db.exec(
    `CREATE TEMP TABLE picture (k INTEGER PRIMARY KEY, bytes INTEGER, modified REAL, hash TEXT, thumbprint BLOB, red REAL, green REAL, blue REAL)`,
  );
  const insert = db.prepare(`INSERT INTO picture VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  for (let k = 0; k < shape.count; k++) {
    const { bytes, thumbprint, colour } = await picture(k);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const thumbs = join(folder, 'thumbnails', hash.slice(0, 2));
    mkdirSync(thumbs, { recursive: true, mode: 0o700 });
    writeFileSync(join(thumbs, `${hash}-0.jpg`), bytes, { mode: 0o600 });
    const source = join(shape.images, fileName(k + 1, shape));
    writeFileSync(source, bytes);
    const modified = 1_700_000_000 + ((k * 7919) % 1_000_003) * 60;
    utimesSync(source, modified, modified);
    insert.run(k, statSync(source).size, modified * 1000, hash, thumbprint, ...colour);
  }
}

/** Every further image is a second name of the picture it looks like. */
function linkPictures(rows: number, shape: Shape): void {
  for (let image = shape.count + 1; image <= rows; image++) {
    const first = ((image - 1) % shape.count) + 1;
    linkSync(join(shape.images, fileName(first, shape)), join(shape.images, fileName(image, shape)));
  }
}

async function picture(
  k: number,
): Promise<{ bytes: Buffer; thumbprint: Buffer; colour: readonly [number, number, number] }> {
  const random = generator(k, 'fixture').uniform(9);
  const at = (i: number): number => random[i] as number;
  const ground = [200 + at(0) * 40, 180 + at(1) * 50, 190 + at(2) * 50];
  const blot = [90 + at(3) * 80, 40 + at(4) * 80, 110 + at(5) * 90];
  const [x0, y0, radius] = [40 + at(6) * 48, 40 + at(7) * 48, 16 + at(8) * 24];
  const pixels = Buffer.alloc(side * side * 3);
  const thumbprint = Buffer.alloc(256);
  const sum = [0, 0, 0];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const inside = (x - x0) ** 2 + (y - y0) ** 2 < radius ** 2;
      for (let c = 0; c < 3; c++) {
        const value = Math.round((inside ? blot : ground)[c] as number);
        pixels[(y * side + x) * 3 + c] = value;
        sum[c] = (sum[c] as number) + value;
      }
      if (x % 8 === 4 && y % 8 === 4)
        thumbprint[(y >> 3) * 16 + (x >> 3)] = Math.round((inside ? blot : ground)[1] as number);
    }
  }
  const bytes = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
  const mean = (c: number): number => (sum[c] as number) / side ** 2;
  return { bytes, thumbprint, colour: [mean(0), mean(1), mean(2)] };
}

function writeRows({ db }: Project, shape: Shape & { readonly rows: number }): void {
  const { images, rows, count, groups, width } = shape;
  transact(db, () => {
    const insertGroup = db.prepare(`INSERT INTO image_group (id, name, side) VALUES (?, ?, ?)`);
    for (let group = 1; group <= groups; group++) {
      insertGroup.run(
        group,
        groupName(group, width),
        group % Math.ceil(groups / checkGroups) === 0 ? 'check' : 'training',
      );
    }
    db.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @rows)
       INSERT INTO image (id, role, file, state, bytes, modified, hash, type, width, height, bits, pages, thumbprint,
         red, green, blue, group_id, side)
       SELECT i, 'main', printf('P%0*d/cell_%07d.jpg', @width, (i - 1) % @groups + 1, i), 'ok', picture.bytes,
         picture.modified, picture.hash, 'jpeg', @side, @side, 8, 1, picture.thumbprint,
         picture.red, picture.green, picture.blue, image_group.id, image_group.side
       FROM n JOIN picture ON picture.k = (i - 1) % @count JOIN image_group ON image_group.id = (i - 1) % @groups + 1`,
    ).run({ rows, width, groups, count, side });
    const setting = {
      folder: images,
      unlabelled: [],
      labels: null,
      columns: {},
      groups: 'P{group}/*',
      reportBy: [],
      layout: 'flat' as const,
      folders: {},
      seed: 0,
    };
    writeSetting(db, 'import', setting);
    settle(db, setting);
    writeSetting(db, 'summary', { keepApart: 'P{group}/*', missing: { rows: 0, first: null } });
    const check = Number(db.prepare(`SELECT count(*) FROM image WHERE side = 'check'`).pluck().get());
    writeSetting(db, 'checkImages', check);
    appendAudit(db, 'split', { seed: 0, version: 1, checkImages: check, moved: 0, redraw: false });
    appendAudit(db, 'import', { added: rows, changed: 0, gone: 0, back: 0, moved: 0, images: rows });
  });
  db.exec('ANALYZE');
}

/** Acts of one rater, spread over the whole library. */
function writeLabels({ db }: Project, labels: number, rows: number): void {
  const step = Math.max(1, Math.floor(rows / Math.max(1, labels)));
  for (let done = 0; done < labels; done += actLength) {
    const changes = Array.from({ length: Math.min(actLength, labels - done) }, (_, i) => ({
      image: (done + i) * step + 1,
      kind: 'class' as const,
      class: fixtureClasses[(done / actLength) % fixtureClasses.length] as string,
    }));
    writeBatch(db, { rater: fixtureRater, kind: 'set', changes });
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [folder, rows = '1000000', labels = '5000', linked] = process.argv.slice(2);
  if (folder === undefined) throw new Error('a folder is needed');
  const started = performance.now();
  const made = await makeFixture({
    folder,
    rows: Number(rows),
    labels: Number(labels),
    linked: linked === 'linked',
  });
  process.stdout.write(`${made.project}  ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}
