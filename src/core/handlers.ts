import { coreCalls, type CoreCalls } from '../contract/core-calls.ts';
import { AppError } from '../contract/errors.ts';
import type { Handlers } from '../rpc/types.ts';
import type { CoreContext } from './context.ts';

const domains = ['recent', 'library', 'labels', 'audit', 'runs', 'results', 'predict'];

export async function coreHandlers(context: CoreContext): Promise<Handlers<CoreCalls>> {
  const { engine } = context;
  const merged: Record<string, unknown> = {
    'machine.describe': ((input, { signal, progress }) =>
      engine.call('machine.describe', input, {
        signal,
        onProgress: progress,
      })) satisfies Handlers<CoreCalls>['machine.describe'],
  };
  for (const domain of domains) {
    try {
      const module = (await import(`./${domain}/handlers.ts`)) as { handlers(context: CoreContext): object };
      Object.assign(merged, module.handlers(context));
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    }
  }
  for (const name of Object.keys(coreCalls)) {
    merged[name] ??= () => Promise.reject(new AppError('call.unknown', { name }));
  }
  return merged as Handlers<CoreCalls>;
}
