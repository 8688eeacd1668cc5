import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import { reasonOf } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { projectOf } from '../projects/registry.ts';
import { failures } from './log.ts';
import { timings } from './timings.ts';
import { versions } from './versions.ts';

export function handlers(): Handlers<Pick<CoreCalls, 'diagnostics.get'>> {
  return {
    'diagnostics.get': async ({ project }) => ({
      versions: versions(),
      database: project === undefined ? null : await checked(await projectOf(project, { readOnly: true })),
      timings: timings(),
      log: [...failures()],
    }),
  };
}

function checked({ paths }: Project): Promise<{ ok: boolean; detail: string }> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./check-thread.ts', import.meta.url), {
      workerData: { database: paths.database },
    });
    worker.once('message', (verdict) => {
      const detail = z.string().parse(verdict);
      resolve({ ok: detail === 'ok', detail });
    });
    worker.once('error', (error) => resolve({ ok: false, detail: reasonOf(error) }));
    worker.once('exit', () => resolve({ ok: false, detail: 'the check ended early' }));
  });
}
