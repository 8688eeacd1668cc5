import { randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { assertProjectPlace } from '../settings/places.ts';
import { backUp, backupNames, isBackupDue } from './backup.ts';
import { networkFileSystem, resolvedPath } from './file-system.ts';
import { acquireLock } from './lock.ts';
import { migrate } from './migrate.ts';
import { applicationId, knownVersion } from './schema.ts';
import { openForReading } from './reading.ts';
import { orDiskFull, reasonOf } from './errors.ts';

export interface ProjectPaths {
  readonly database: string;
  readonly cache: string;
  /** Small pictures; made again when they are missing. */
  readonly thumbnails: string;
  /** What looking at the images found, for suggestions; made again when it is missing. */
  readonly features: string;
  readonly runs: string;
  readonly backups: string;
  /** Where the audit log stood when files left the project. */
  readonly stamps: string;
  /** Emptied when the project is opened for writing. */
  readonly tmp: string;
}

export interface Project {
  readonly id: string;
  readonly folder: string;
  readonly db: Database.Database;
  readonly paths: ProjectPaths;
  readonly readOnly: boolean;
  /** What the user should know about where the project lies, in sentences. */
  readonly warnings: readonly string[];
  /** Called once, before the database closes. */
  onClose(listener: () => void): void;
  close(): void;
}

export interface OpenOptions {
  /** Make the project where there is none. */
  readonly create?: boolean;
  /** Look only: no lock, no migration, nothing written. */
  readonly readOnly?: boolean;
}

/** A full check, or a copy, of a database of up to this size costs less than a second at every opening. */
const checkedBytes = 64_000_000;
const fileHeader = 'SQLite format 3\0';

/**
 * Opens a project folder.
 * @throws AppError `project.missing`, `project.notEmpty`, `project.outsideRoot`, `project.unwritable`, `project.locked`, `db.corrupt`,
 *   `db.future`, `db.migration`, `project.diskFull`
 */
export async function openProject(folder: string, options: OpenOptions = {}): Promise<Project> {
  const { create = false, readOnly = false } = options;
  const root = resolvedPath(resolve(folder));
  const paths = projectPaths(root);
  const isNew = !existsSync(paths.database);
  if (isNew && (!create || readOnly)) throw new AppError('project.missing', { folder: root });
  if (isNew) {
    assertProjectPlace(root);
    makeFolder(root);
  }
  if (!isNew) checkDatabase(paths);
  if (readOnly) return openForLooking(root, paths);
  assertWritable(root);

  const network = networkFileSystem(root);
  const lock = acquireLock(root, network !== null);
  let db: Database.Database | undefined;
  try {
    for (const path of [paths.cache, paths.thumbnails, paths.features, paths.runs, paths.backups]) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    }
    rmSync(paths.tmp, { recursive: true, force: true });
    mkdirSync(paths.tmp, { mode: 0o700 });
    db = new Database(paths.database, { timeout: 5000 });
    configure(db, network !== null);
    const warnings = network ? [networkWarning(network)] : [];
    await migrate(db, paths.backups, isNew);
    chmodSync(paths.database, 0o600);
    if (!isNew && isBackupDue(paths.backups)) {
      const backup = backUp(db, paths.backups).then(
        () => undefined,
        (error: unknown) => {
          warnings.push(`The daily backup could not be written: ${reasonOf(error)}. The project itself is fine.`);
        },
      );
      // A large one is copied on the side: who opens a project wants to see it.
      if (statSync(paths.database).size <= checkedBytes) await backup;
    }
    const opened = db;
    const closing = new Set<() => void>();
    const close = (): void => {
      process.removeListener('exit', close);
      clearInterval(daily);
      callEach(closing);
      if (opened.open) opened.close();
      lock.release();
    };
    const daily = setInterval(() => {
      // A failed backup is tried again an hour later, and told at the next opening.
      if (opened.open && isBackupDue(paths.backups)) void backUp(opened, paths.backups).catch(() => {});
    }, 3600_000).unref();
    process.on('exit', close);
    const onClose = (listener: () => void): void => void closing.add(listener);
    return { id: projectId(db), folder: root, db, paths, readOnly: false, warnings, onClose, close };
  } catch (error) {
    db?.close();
    lock.release();
    throw orDiskFull(error);
  }
}

function projectPaths(root: string): ProjectPaths {
  return {
    database: join(root, 'project.db'),
    cache: join(root, 'cache'),
    thumbnails: join(root, 'thumbnails'),
    features: join(root, 'features'),
    runs: join(root, 'runs'),
    backups: join(root, 'backups'),
    stamps: join(root, 'stamps.jsonl'),
    tmp: join(root, 'tmp'),
  };
}

function openForLooking(root: string, paths: ProjectPaths): Project {
  const db = openForReading(paths.database);
  db.pragma('foreign_keys = ON');
  const closing = new Set<() => void>();
  const close = (): void => {
    callEach(closing);
    db.close();
  };
  const onClose = (listener: () => void): void => void closing.add(listener);
  return { id: projectId(db), folder: root, db, paths, readOnly: true, warnings: [], onClose, close };
}

function callEach(listeners: Set<() => void>): void {
  for (const listener of listeners) listener();
  listeners.clear();
}

function makeFolder(root: string): void {
  try {
    makeMissing(root);
    if (readdirSync(root).length) {
      // A project whose making was cut short holds nothing but these.
      const started = new Set(['lock.db', 'project.lock', 'cache', 'thumbnails', 'features', 'runs', 'backups', 'tmp']);
      if (!readdirSync(root).every((name) => started.has(name)))
        throw new AppError('project.notEmpty', { folder: root });
    }
    chmodSync(root, 0o700);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('project.unwritable', { folder: root, reason: reasonOf(error) }, { cause: error });
  }
}

/** Step by step: the recursive form never returns on file systems that answer ENOENT for a folder that is there. */
function makeMissing(folder: string): void {
  if (existsSync(folder)) return;
  makeMissing(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function assertWritable(root: string): void {
  try {
    accessSync(root, constants.W_OK | constants.X_OK);
    // A read-only disk passes the check above for root; a file does not.
    const probe = join(root, 'lock.db');
    if (existsSync(probe)) accessSync(probe, constants.W_OK);
  } catch (error) {
    throw new AppError('project.unwritable', { folder: root, reason: reasonOf(error) }, { cause: error });
  }
}

/** Looks at an existing database without changing it. */
function checkDatabase(paths: ProjectPaths): void {
  const corrupt = (reason: string, cause?: unknown): AppError =>
    new AppError('db.corrupt', { reason, backups: backupNames(paths.backups) }, { cause });
  const head = firstBytes(paths.database, fileHeader.length);
  if (head !== fileHeader) throw corrupt(head === '' ? 'it is empty' : 'it is no database');
  let db: Database.Database | undefined;
  try {
    db = openForReading(paths.database);
    const found = Number(db.pragma('user_version', { simple: true }));
    if (found > knownVersion) {
      throw new AppError('db.future', { found, known: knownVersion, backups: backupNames(paths.backups) });
    }
    if (found > 0 && Number(db.pragma('application_id', { simple: true })) !== applicationId) {
      throw corrupt('it was made by another program');
    }
    if (statSync(paths.database).size <= checkedBytes) {
      const verdict = String(db.pragma('quick_check(1)', { simple: true }));
      if (verdict !== 'ok') throw corrupt(verdict);
    }
  } catch (error) {
    const full = orDiskFull(error);
    if (full instanceof AppError) throw full;
    // A log of changes that cannot be taken in where nothing may be written says nothing about the database.
    if ((error as { code?: unknown }).code === 'SQLITE_CANTOPEN') {
      throw new AppError('project.unwritable', { folder: dirname(paths.database), reason: reasonOf(error) });
    }
    throw corrupt(reasonOf(error), error);
  } finally {
    db?.close();
  }
}

function firstBytes(file: string, count: number): string {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(count);
    return bytes.toString('latin1', 0, readSync(handle, bytes, 0, count, 0));
  } finally {
    closeSync(handle);
  }
}

function configure(db: Database.Database, network: boolean): void {
  // Write-ahead logging needs memory shared between processes, which a network file system does not give.
  db.pragma(`journal_mode = ${network ? 'DELETE' : 'WAL'}`);
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('trusted_schema = OFF');
}

function projectId(db: Database.Database): string {
  const find = db.prepare<[], { value: string }>(`SELECT value FROM setting WHERE key = 'project'`);
  const known = find.get()?.value;
  if (known) return String(JSON.parse(known));
  const made = randomUUID();
  db.prepare(`INSERT INTO setting (key, value) VALUES ('project', ?)`).run(JSON.stringify(made));
  return made;
}

const networkWarning = (name: string): string =>
  `The project is on a network folder (${name}), which can be damaged when two computers use it. Keep it on this computer; the images can stay where they are.`;
