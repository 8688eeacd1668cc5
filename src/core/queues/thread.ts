import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../contract/errors.ts';
import type { Project } from '../db/open.ts';
import { featureFile } from '../features/store.ts';
import type { Why } from './suggest.ts';

export interface RankQuestion {
  readonly file: string;
  /** Training labels, each with the place of its class. */
  readonly labels: readonly { readonly image: number; readonly class: number }[];
  readonly classes: number;
  /** Images that may be brought. */
  readonly candidates: readonly number[];
  readonly size: number;
  readonly ask:
    { readonly kind: 'suggest' | 'mislabelled' | 'together' } | { readonly kind: 'likely'; readonly class: number };
}
export type RankAnswer = { readonly image: number; readonly why: Why }[];

const threadFile = new URL('./suggest-thread.ts', import.meta.url);

/** Ranks images by their features; nothing where none were made yet. */
export function ranked(project: Project, question: Omit<RankQuestion, 'file'>): Promise<RankAnswer> {
  const file = featureFile(project);
  if (!existsSync(file)) return Promise.resolve([]);
  const worker = new Worker(threadFile, { workerData: { ...question, file } });
  return new Promise<RankAnswer>((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', () => reject(new AppError('process.died')));
  }).finally(() => worker.terminate());
}
