import { coreCalls, type CoreCalls } from '../contract/core-calls.ts';
import { AppError } from '../contract/errors.ts';
import type { Handlers } from '../rpc/types.ts';

/** Says of every call that it cannot be done here; what can be done is laid over it. */
export const unknownCalls = (): Handlers<CoreCalls> =>
  Object.fromEntries(
    Object.keys(coreCalls).map((name) => [
      name,
      (): Promise<never> => Promise.reject(new AppError('call.unknown', { name })),
    ]),
  ) as unknown as Handlers<CoreCalls>;
