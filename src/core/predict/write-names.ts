import { createHash, type Hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ArmName, Column, ColumnValue, ManifestImage, Unlike } from '../../contract/run-files.ts';
import type { Progress } from '../../contract/progress.ts';
import type { PredictionSummary } from '../../contract/runs.ts';
import type { CallContext } from '../../rpc/types.ts';
import { auditExport } from '../audit/stamps.ts';
import type { Project } from '../db/open.ts';
import { unwritable } from '../exports/out-file.ts';
import { writeWhole } from '../../files/whole.ts';
import { readRows } from '../runs/tensors.ts';
import { isFarAbove } from '../../statistics/far-above.ts';
import { folderSources, projectSources } from './sources.ts';
import { PredictionTable, type Unread } from './table.ts';

interface Wanted {
  /** Another folder; the images of the project without it. */
  readonly images: string | undefined;
  readonly out: string;
  readonly classes: readonly string[];
  readonly run: string;
  readonly arm: ArmName;
  /** Of a model file that was used. */
  readonly modelSha256?: string;
  /** That the model uses. */
  readonly columns: readonly Column[];
  /** What a table says of them for files of another folder. */
  readonly told: (files: readonly string[]) => ReadonlyMap<string, ColumnValue[]>;
}

/** Writes what a model says of some images to a file. */
export type NamePiece = (
  images: ManifestImage[],
  rowsFile: string,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
) => Promise<{ failed: readonly { image: number; code: string }[]; unlike: Unlike | null }>;

/**
 * Names every image of the project, or of another folder, as one table: piece by piece into the file, which is there
 * whole or not at all.
 * @param name tells which images could not be read, and what is unlike the training images
 * @throws AppError `folder.…`, `export.unwritable`
 */
export async function writeNames(
  project: Project,
  { images: folder, out, classes, run, arm, modelSha256, columns, told }: Wanted,
  { signal, progress }: Pick<CallContext, 'signal' | 'progress'>,
  name: NamePiece,
): Promise<PredictionSummary> {
  const begun = performance.now();
  const sources =
    folder === undefined ? projectSources(project, columns) : folderSources(project, folder, told, signal);
  const rowsFile = join(project.paths.tmp, `predict-${run}-${process.hrtime.bigint()}.safetensors`);
  const table = new PredictionTable(classes, { arm, run });
  const missing = columns.map(() => 0);
  const unread: Unread[] = [];
  let unlike: Unlike | null = null;
  let done = 0;

  async function* text(): AsyncGenerator<string> {
    yield table.head();
    for await (const piece of sources.pieces()) {
      signal.throwIfAborted();
      unread.push(...piece.unread);
      if (piece.images.length > 0) {
        const onProgress = piecemeal(progress, begun, done / sources.files, piece.images.length / sources.files);
        const said = await name([...piece.images], rowsFile, { signal, onProgress });
        const byId = new Map(piece.named.map((image) => [image.id, image]));
        for (const { image, code } of said.failed) {
          const { file = '', group = null } = byId.get(image) ?? {};
          unread.push({ file, group, reason: `cannot be read now (${code})` });
        }
        columns.forEach((_, at) => {
          missing[at]! += piece.images.filter((image) => (image.columns?.[at] ?? null) === null).length;
        });
        unlike = said.unlike;
        yield table.named(piece.named, await readRows(rowsFile));
      }
      done += piece.images.length + piece.unread.length;
    }
    yield table.unread(unread);
  }

  try {
    const digest = createHash('sha256');
    await writeWhole(out, digested(text(), digest)).catch(unwritable(out));
    auditExport(project, {
      what: 'predictions',
      run,
      arm,
      modelSha256,
      images: table.images,
      sha256: [digest.digest('hex')],
    });
    return {
      run,
      arm,
      images: table.images,
      out,
      perClass: table.perClass,
      unreadable: unread.length,
      missing: columns.map(({ name: column }, at) => ({ column, images: missing[at]! })),
      unlike: summaryOf(unlike, table),
      seconds: (performance.now() - begun) / 1000,
    };
  } finally {
    rmSync(rowsFile, { force: true });
  }
}

const summaryOf = (unlike: Unlike | null, { images, unlike: far }: PredictionTable): PredictionSummary['unlike'] =>
  unlike && {
    labels: unlike.labels,
    told: unlike.usual && { images: far, usual: unlike.usual, isFar: isFarAbove(far, images, unlike.usual) },
  };

/** Progress of a piece as that of the whole. @param from share that is done @param share of the piece */
const piecemeal =
  (progress: (progress: Progress) => void, begun: number, from: number, share: number) =>
  (of: Progress): void => {
    const fraction = Math.min(1, from + share * of.fraction);
    const seconds = (performance.now() - begun) / 1000;
    progress({ ...of, fraction, ...(fraction > 0 && { secondsLeft: seconds * (1 / fraction - 1) }) });
  };

async function* digested(parts: AsyncIterable<string>, digest: Hash): AsyncGenerator<string> {
  for await (const part of parts) {
    digest.update(part);
    yield part;
  }
}
