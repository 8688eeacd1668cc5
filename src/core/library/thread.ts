import { Worker } from 'node:worker_threads';
import { AppError, type ErrorShape } from '../../contract/errors.ts';
import { breathe } from './breathe.ts';
import type { FoundFile, Scan } from './scan.ts';
import type { FolderFacts, FolderQuestion } from './look/folder.ts';

const threadFile = new URL('./library-thread.ts', import.meta.url);

/** Two changes of an image's family, flat: id, family (0 for none), id, family, … */
export type FamilyChanges = Int32Array;

/** Work on whole libraries that takes seconds without a pause, and must not keep core from answering. */
export interface Tasks {
  scan: { ask: string; answer: PackedScan };
  folder: { ask: FolderQuestion; answer: FolderFacts };
  families: { ask: string; answer: FamilyChanges };
}
export type TaskKind = keyof Tasks;
export type TaskQuestion = { [K in TaskKind]: { kind: K; ask: Tasks[K]['ask'] } }[TaskKind];
export type TaskAnswer = { ok: true; answer: unknown } | { ok: false; error: ErrorShape };

/** Does one task in a thread of its own, which ends with it. */
export function inThread<K extends TaskKind>(
  kind: K,
  ask: Tasks[K]['ask'],
  signal?: AbortSignal,
): Promise<Tasks[K]['answer']> {
  signal?.throwIfAborted();
  const worker = new Worker(threadFile, { workerData: { kind, ask } });
  return new Promise<Tasks[K]['answer']>((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
    worker.on('message', (answer: TaskAnswer) => {
      if (answer.ok) resolve(answer.answer as Tasks[K]['answer']);
      else reject(AppError.fromShape(answer.error));
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new AppError('process.died')));
  }).finally(() => worker.terminate());
}

/** Names in one text, some thousands each: a million small objects cross between threads a hundred times slower. */
export interface PackedScan {
  readonly files: readonly PackedFiles[];
  readonly outside: readonly PackedFiles[];
}
interface PackedFiles {
  readonly names: string;
  readonly bytes: Float64Array;
  readonly modified: Float64Array;
}
const packLength = 10_000;

export const packScan = ({ files, outside }: Scan): PackedScan => ({ files: pack(files), outside: pack(outside) });

function pack(files: readonly FoundFile[]): PackedFiles[] {
  return Array.from({ length: Math.ceil(files.length / packLength) }, (_, i) => {
    const part = files.slice(i * packLength, (i + 1) * packLength);
    return {
      names: part.map(({ file }) => file).join('\0'),
      bytes: Float64Array.from(part, ({ bytes }) => bytes),
      modified: Float64Array.from(part, ({ modified }) => modified),
    };
  });
}

async function unpack(packs: readonly PackedFiles[]): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  for (const { names, bytes, modified } of packs) {
    names
      .split('\0')
      .forEach((file, i) => files.push({ file, bytes: bytes[i] as number, modified: modified[i] as number }));
    await breathe();
  }
  return files;
}

/**
 * Every visible file below a folder, found without holding up anything else.
 * @throws AppError `folder.missing`, `folder.unreadable`
 */
export async function scanAside(folder: string, signal?: AbortSignal): Promise<Scan> {
  const { files, outside } = await inThread('scan', folder, signal);
  return { files: await unpack(files), outside: await unpack(outside) };
}
