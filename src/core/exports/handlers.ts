import { basename, join } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers, InputOf, OutputOf } from '../../rpc/types.ts';
import { findBatch } from '../apply/batches.ts';
import { auditExport } from '../audit/stamps.ts';
import type { Project } from '../db/open.ts';
import { afterUnsaved, readWithUnsaved } from '../labels/unsaved.ts';
import { assertSighted } from '../labels/visibility.ts';
import { changed } from '../projects/board.ts';
import { projectOf } from '../projects/registry.ts';
import { numbered, plainNames } from './anonymous.ts';
import { outFile, unwritable } from './out-file.ts';
import { audit, classes, counts, labels, predictions, unreadable, type Names, type Table } from './tables.ts';
import { newToken, offer, readOffered } from './tokens.ts';
import { tableInMemory, writeTable } from './write.ts';

type Input = InputOf<CoreCalls, 'exports.make'>;
type Made = OutputOf<CoreCalls, 'exports.make'>;

export function handlers(): Handlers<Pick<CoreCalls, 'exports.make' | 'exports.read'>> {
  return {
    'exports.make': async (input) => make(await projectOf(input.project), input),
    'exports.read': ({ token, at }) => readOffered(token, at),
  };
}

async function make(project: Project, input: Input): Promise<Made> {
  assertSighted(project.db, input.rater);
  const folder = input.batch === undefined ? null : findBatch(project.db, input.batch).folder;
  const out = input.out === undefined ? undefined : outFile(project, input.out, folder ?? undefined);
  const name = out === undefined ? `${input.what}.csv` : basename(out);
  const namesPatients = input.what !== 'audit' && input.what !== 'classes';
  const hidden = input.anonymous && namesPatients ? numbered() : undefined;
  const names = hidden?.names ?? plainNames;
  // Labels that cannot be written yet are taken along: this is how they are saved elsewhere.
  const unsaved = input.what === 'labels' ? readWithUnsaved(project, () => [...labels(project, names)]) : null;
  const keeps = unsaved !== null;
  const main = await write(project, input, unsaved?.values() ?? tableOf(project, input, names), out, name, keeps);
  const files = [main];
  if (hidden) {
    const keyName = name.replace(/(\.[^.]*)?$/, '-key$1');
    const beside = out === undefined ? undefined : join(out, '..', keyName);
    files.push(await write(project, input, hidden.key(), beside, keyName, keeps));
  }
  const { what, batch, format, anonymous, rater } = input;
  const sha256 = files.map((file) => file.sha256);
  afterUnsaved(project, () => auditExport(project, { what, batch, format, anonymous, rater, rows: main.rows, sha256 }));
  changed(project.id);
  return { rows: main.rows, files: files.map(({ rows: _, ...file }) => file) };
}

function tableOf(project: Project, { what, batch }: Input, names: Names): Table {
  const named = () => findBatch(project.db, batch ?? 0);
  switch (what) {
    case 'predictions':
      return predictions(project, named(), names);
    case 'counts':
      return counts(project, named(), names);
    case 'labels':
      return labels(project, names);
    case 'unreadable':
      return unreadable(project, names);
    case 'classes':
      return classes(project);
    case 'audit':
      return audit(project);
  }
}

async function write(
  project: Project,
  form: Input,
  table: Table,
  out: string | undefined,
  name: string,
  inMemory: boolean,
) {
  const token = out === undefined ? newToken() : null;
  if (token !== null && inMemory) {
    const { data, ...written } = tableInMemory(table, form);
    offer(token, { from: data, name, bytes: written.bytes });
    return { ...written, name, token };
  }
  const path = out ?? join(project.paths.tmp, `export-${token}`);
  const written = await writeTable(project, path, table, form).catch(unwritable(path));
  if (token !== null) offer(token, { from: path, name, bytes: written.bytes });
  return { ...written, name, token };
}
