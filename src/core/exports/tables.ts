import type { AuditRow } from '../audit/log.ts';
import type { Project } from '../db/open.ts';
import { countsByGroup } from '../apply/counts.ts';
import { reviewedSql, thresholdOf, type StoredBatch } from '../apply/batches.ts';
import { liveClasses } from '../classes/log.ts';

/** A cell: text as it is, a number with so many decimals. */
export type Cell = string | { readonly number: number; readonly decimals: number };
/** Names that may identify patients, replaced by numbers where that is asked for. */
export interface Names {
  file(name: string): string;
  group(name: string): string;
}
/** Rows in pieces, the header first: a million of them are never held at once. */
export type Table = Iterable<readonly (readonly Cell[])[]>;

const rowsAtOnce = 1000;
const probability = (number: number): Cell => ({ number, decimals: 6 });
const whole = (number: number): Cell => ({ number, decimals: 0 });

interface PredictionRow {
  readonly image: number;
  readonly file: string;
  readonly name: string | null;
  readonly class: number;
  readonly probability: number;
  readonly second: number;
  readonly p_second: number;
  readonly distance: number | null;
  readonly reviewed: 0 | 1;
  readonly label: string | null;
  readonly rater: string | null;
  readonly note: string | null;
}

/** What a model called each image, and what people said of it. */
export function* predictions({ db }: Project, batch: StoredBatch, names: Names): Table {
  yield [
    'file,group,predicted,probability,second,p_second,decision,label,rater,note,model,run,unlike,distance'.split(','), // prettier-ignore
  ];
  const page = db.prepare<[number, number], PredictionRow>(
    `SELECT prediction.image AS image, file, image_group.name AS name, prediction.class AS class, probability, second,
       p_second, distance, prediction.image IN (${reviewedSql}) AS reviewed, counting_label.class AS label,
       (SELECT group_concat(rater, ' ') FROM label_now WHERE image = prediction.image AND kind = 'class') AS rater,
       (SELECT group_concat(text, ' | ') FROM note WHERE note.image = prediction.image) AS note
     FROM prediction JOIN image ON image.id = prediction.image
     LEFT JOIN image_group ON image_group.id = image.group_id
     LEFT JOIN counting_label ON counting_label.image = prediction.image
     WHERE prediction.batch = ? AND prediction.image > ? ORDER BY prediction.image LIMIT ${rowsAtOnce}`,
  );
  for (let last = 0; ;) {
    const rows = page.all(batch.id, last);
    if (rows.length === 0) return;
    last = rows.at(-1)!.image;
    yield rows.map((row) => [
      names.file(row.file),
      row.name === null ? '' : names.group(row.name),
      batch.classes[row.class] ?? '',
      probability(row.probability),
      batch.classes[row.second] ?? '',
      probability(row.p_second),
      row.reviewed ? 'reviewed' : row.probability < thresholdOf(batch, row.class) ? 'undecided' : 'named',
      row.label ?? '',
      row.rater ?? '',
      row.note ?? '',
      batch.arm,
      batch.run,
      ...(row.distance === null ? ['', ''] : [row.distance > 1 ? 'yes' : 'no', probability(row.distance)]),
    ]);
  }
}

interface LabelRow {
  readonly image: number;
  readonly file: string;
  readonly name: string | null;
  readonly kind: string | null;
  readonly class: string | null;
  readonly rater: string;
  readonly note: string | null;
  readonly time: string;
  readonly hash: string | null;
}

/** Every rater's labels and notes. Reads back by an import. */
export function* labels({ db }: Project, names: Names): Iterable<readonly (readonly string[])[]> {
  yield ['file,group,label,rater,mark,note,time,sha256'.split(',')];
  const images = db
    .prepare<[], number>(
      `SELECT DISTINCT image FROM (SELECT image FROM label_now UNION SELECT image FROM note) ORDER BY 1`,
    )
    .pluck()
    .all();
  const rowsOf = db.prepare<[string], LabelRow>(
    `SELECT said.image AS image, file, image_group.name AS name, label_now.kind AS kind, label_now.class AS class, said.rater AS rater,
       note.text AS note, event.time AS time, image.hash AS hash
     FROM json_each(?) CROSS JOIN
       (SELECT image, rater FROM label_now UNION SELECT image, rater FROM note) AS said ON said.image = json_each.value
     JOIN image ON image.id = said.image
     LEFT JOIN label_now ON label_now.image = said.image AND label_now.rater = said.rater
     LEFT JOIN note ON note.image = said.image AND note.rater = said.rater
     LEFT JOIN image_group ON image_group.id = image.group_id
     JOIN label_event AS event ON event.seq = ifnull(label_now.seq, note.seq)
     ORDER BY file, said.rater`,
  );
  for (let at = 0; at < images.length; at += rowsAtOnce) {
    yield rowsOf
      .all(JSON.stringify(images.slice(at, at + rowsAtOnce)))
      .map(({ file, name, kind, class: label, rater, note, time, hash }) => [
        names.file(file),
        name === null ? '' : names.group(name),
        kind === 'class' ? (label ?? '') : kind === 'none' ? 'none of these' : '',
        rater,
        kind === 'unsure' || kind === 'skip' ? kind : '',
        note ?? '',
        time,
        hash ?? '',
      ]);
  }
}

/** What each group holds of each class, with 95 % ranges of the shares. */
export function* counts(project: Project, batch: StoredBatch, names: Names): Table {
  const table = countsByGroup(project, batch);
  yield [['group', 'images', ...table.classes.flatMap((name) => [name, `${name} low`, `${name} high`]), 'reviewed', 'undecided']]; // prettier-ignore
  for (const row of table.rows) {
    yield [
      [
        row.group === '' ? '' : names.group(row.group),
        whole(row.images),
        ...row.counts.flatMap((n, i): Cell[] => [
          whole(n),
          probability(row.ranges[i]![0]),
          probability(row.ranges[i]![1]),
        ]),
        whole(row.reviewed),
        whole(row.undecided),
      ],
    ];
  }
}

export function* unreadable({ db }: Project, names: Names): Table {
  yield [['file', 'bytes', 'reason']];
  yield db
    .prepare<[], { file: string; bytes: number; reason: string }>(
      `SELECT file, bytes, ifnull(failure_reason, '') AS reason FROM image WHERE state = 'unreadable' ORDER BY role, file`,
    )
    .all()
    .map(({ file, bytes, reason }) => [names.file(file), whole(bytes), reason]);
}

export function* classes({ db }: Project): Table {
  yield [['class', 'images']];
  const count = db.prepare<[number], number>(`SELECT count(*) FROM counting_label WHERE class_id = ?`).pluck();
  yield liveClasses(db).map(({ id, name }) => [name, whole(count.get(id) ?? 0)]);
}

/** The audit trail as it is, so that its chain can be recomputed by anybody: docs/security.md says how. */
export function* audit({ db }: Project): Table {
  yield ['seq,time,kind,payload,previous,hash'.split(',')];
  const page = db.prepare<[number], AuditRow>(`SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ${rowsAtOnce}`);
  for (let last = 0; ;) {
    const rows = page.all(last);
    if (rows.length === 0) return;
    last = rows.at(-1)!.seq;
    yield rows.map(({ seq, time, kind, payload, previous, hash }) => [whole(seq), time, kind, payload, previous, hash]);
  }
}
