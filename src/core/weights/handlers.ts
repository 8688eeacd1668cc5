import { rm } from 'node:fs/promises';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import { importRecords, userWeightsFolder } from '../../files/weights-folder.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';

export function handlers({
  engine,
}: CoreContext): Handlers<Pick<CoreCalls, 'weights.import' | 'weights.list' | 'weights.remove'>> {
  return {
    'weights.import': (weights, { signal, progress }) =>
      engine.call('weights.import', { ...weights, folder: userWeightsFolder() }, { signal, onProgress: progress }),
    'weights.list': async () => {
      const { backbones } = await engine.call('catalogue.list', {});
      return {
        backbones: backbones.map(({ name }) => name),
        weights: (await importRecords([userWeightsFolder()])).map(({ path: _, ...record }) => record),
      };
    },
    'weights.remove': async ({ sha256 }) => {
      const found = (await importRecords([userWeightsFolder()])).filter((record) => record.sha256 === sha256);
      if (found.length === 0) throw new AppError('weights.unknown', { sha256 });
      for (const { path } of found) {
        // The record first: without it the file is not used.
        await rm(path.replace(/\.safetensors$/, '.json'));
        await rm(path, { force: true });
      }
      return {};
    },
  };
}
