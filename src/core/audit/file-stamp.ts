import { basename } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { reasonOf } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { isExported, stampOfFile } from './stamps.ts';
import { auditRows, stampBreak } from './verify.ts';
import type { Break } from './verify-tables.ts';

/**
 * Whether the log still tells of a file that left the project: of its very bytes, and of the stamp in a report.
 * @throws AppError `audit.file`
 */
export async function breaksOfFile({ db }: Project, file: string): Promise<Break[]> {
  const { sha256, stamp } = await stampOfFile(file).catch((cause: unknown) => {
    throw new AppError('audit.file', { file, reason: reasonOf(cause) }, { cause });
  });
  const name = basename(file);
  return [
    ...(stamp ? stampBreak(auditRows(db), stamp, { of: 'file', named: { file: name } }) : []),
    ...(isExported(db, sha256) ? [] : [{ code: 'fileUntold' as const, named: { file: name } }]),
  ];
}
