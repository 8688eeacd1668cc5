import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ArmName, Column, ColumnValue, ManifestImage, Unlike } from '../../contract/run-files.ts';
import type { PredictionSummary } from '../../contract/runs.ts';
import { sha256 } from '../audit/log.ts';
import { auditExport } from '../audit/stamps.ts';
import type { Project } from '../db/open.ts';
import { writeOut } from '../exports/out-file.ts';
import { readRows } from '../runs/tensors.ts';
import { isFarAbove } from '../../statistics/far-above.ts';
import { folderSources, projectSources } from './sources.ts';
import { predictionTable } from './table.ts';

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

/**
 * Names every image of the project, or of another folder, as one table.
 * @param name writes what a model says of images to a file, and tells which could not be read and what is unlike
 *   the training images
 * @throws AppError `folder.…`, `export.unwritable`
 */
export async function writeNames(
  project: Project,
  { images: folder, out, classes, run, arm, modelSha256, columns, told }: Wanted,
  signal: AbortSignal,
  name: (
    images: ManifestImage[],
    rowsFile: string,
  ) => Promise<{ failed: readonly { image: number; code: string }[]; unlike: Unlike | null }>,
): Promise<PredictionSummary> {
  const begun = performance.now();
  const { images, named, unread } =
    folder === undefined ? projectSources(project, columns) : await folderSources(project, folder, told, signal);
  const rowsFile = join(project.paths.tmp, `predict-${run}-${process.hrtime.bigint()}.safetensors`);
  try {
    const { failed, unlike } = await name([...images], rowsFile);
    const byId = new Map(named.map((image) => [image.id, image]));
    const lost = failed.map(({ image, code }) => ({
      file: byId.get(image)?.file ?? '',
      group: byId.get(image)?.group ?? null,
      reason: `cannot be read now (${code})`,
    }));
    const rows = await readRows(rowsFile);
    const table = predictionTable(named, [...unread, ...lost], rows, classes, { arm, run });
    await writeOut(out, table.text);
    auditExport(project, {
      what: 'predictions',
      run,
      arm,
      modelSha256,
      images: table.images,
      sha256: [sha256(table.text)],
    });
    return {
      run,
      arm,
      images: table.images,
      out,
      perClass: table.perClass,
      unreadable: unread.length + lost.length,
      missing: columns.map(({ name: column }, at) => ({
        column,
        images: images.filter((image) => (image.columns?.[at] ?? null) === null).length,
      })),
      unlike: unlike && {
        labels: unlike.labels,
        told: unlike.usual && {
          images: table.unlike,
          usual: unlike.usual,
          isFar: isFarAbove(table.unlike, table.images, unlike.usual),
        },
      },
      seconds: (performance.now() - begun) / 1000,
    };
  } finally {
    rmSync(rowsFile, { force: true });
  }
}
