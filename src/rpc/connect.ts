import type { z } from 'zod';
import { AppError, errorTable, type ErrorCode } from '../contract/errors.ts';
import type { Progress } from '../contract/progress.ts';
import { firstIssue, idOf, responseSchema, type Request, type Response } from './frames.ts';
import type { CallTable, Client, EventTable, Port } from './types.ts';

interface Pending {
  name: string;
  fraction: number;
  onProgress: ((progress: Progress) => void) | undefined;
  resolve(output: unknown): void;
  reject(error: AppError): void;
}

type ErrorFrame = Extract<Response, { t: 'error' }>['error'];

function toError(shape: ErrorFrame): AppError {
  const isKnown = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code);
  return isKnown(shape.code)
    ? new AppError(shape.code, shape.params)
    : new AppError('internal', { reason: shape.message });
}

/** Calls the other side of a port. A port that closes answers every call in flight with `process.died`. */
export function connect<C extends CallTable, E extends EventTable>(calls: C, events: E, port: Port): Client<C, E> {
  const pending = new Map<number, Pending>();
  const listeners = new Map<string, Set<(data: never) => void>>();
  let nextId = 1;
  let closed = false;

  const send = (frame: Request): void => port.send(frame);
  const take = (id: number): Pending | undefined => {
    const call = pending.get(id);
    pending.delete(id);
    return call;
  };
  const failAll = (): void => {
    const calls = [...pending.values()];
    pending.clear();
    for (const call of calls) call.reject(new AppError('process.died'));
  };

  const settle = (call: Pending, output: unknown): void => {
    const parsed = calls[call.name]!.output.safeParse(output);
    if (parsed.success) call.resolve(parsed.data);
    else call.reject(new AppError('call.malformed', { reason: firstIssue(parsed.error) }));
  };

  const emit = (name: string, data: unknown): void => {
    const schema = Object.hasOwn(events, name) ? events[name] : undefined;
    const parsed = schema?.safeParse(data);
    if (!parsed?.success) return;
    for (const listener of listeners.get(name) ?? []) listener(parsed.data as never);
  };

  port.onFrame((frame) => {
    const parsed = responseSchema.safeParse(frame);
    if (!parsed.success) {
      const id = idOf(frame);
      if (id !== undefined) take(id)?.reject(new AppError('call.malformed', { reason: firstIssue(parsed.error) }));
      return;
    }
    const response = parsed.data;
    switch (response.t) {
      case 'gone':
        failAll();
        return send({ t: 'gone' });
      case 'event':
        return emit(response.name, response.data);
      case 'error':
        return take(response.id)?.reject(toError(response.error));
      case 'result': {
        const call = take(response.id);
        if (call !== undefined) settle(call, response.output);
        return;
      }
      case 'progress': {
        const call = pending.get(response.id);
        if (call === undefined || response.progress.fraction < call.fraction) return;
        call.fraction = response.progress.fraction;
        return call.onProgress?.(response.progress);
      }
    }
  });
  port.onClose(() => {
    closed = true;
    failAll();
  });

  return {
    call(name, input, options = {}) {
      const { signal, onProgress } = options;
      return new Promise<z.infer<C[typeof name]['output']>>((resolve, reject) => {
        if (closed) return reject(new AppError('process.died'));
        if (signal?.aborted) return reject(new AppError('call.cancelled'));
        const id = nextId++;
        const cancel = (): void => send({ t: 'cancel', id });
        const release = (): void => signal?.removeEventListener('abort', cancel);
        pending.set(id, {
          name,
          fraction: 0,
          onProgress,
          resolve: (output) => {
            release();
            resolve(output as z.infer<C[typeof name]['output']>);
          },
          reject: (error) => {
            release();
            reject(error);
          },
        });
        signal?.addEventListener('abort', cancel, { once: true });
        send({ t: 'call', id, name, input });
      });
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener);
      return () => set.delete(listener);
    },
    close: () => port.close(),
  };
}
