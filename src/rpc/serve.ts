import type { z } from 'zod';
import { AppError } from '../contract/errors.ts';
import { ownSeat, type Seat } from '../contract/seat.ts';
import { firstIssue, idOf, requestSchema, type Response } from './frames.ts';
import { progressGate } from './progress.ts';
import type { CallTable, EventTable, Handlers, Port, Server } from './types.ts';

export interface ServeOptions<E extends EventTable> {
  events?: E;
  /** Whose port it is; without it that of the person at this computer. */
  seat?: Seat;
  /** Sees every error before it becomes a frame, with its stack; for `--debug` only. */
  onError?: (error: unknown, call: string) => void;
}

/** Answers the calls that arrive on a port. Calls in flight are aborted when the caller is gone. */
export function serve<C extends CallTable, E extends EventTable = Record<never, never>>(
  calls: C,
  handlers: Handlers<C>,
  port: Port,
  options: ServeOptions<E> = {},
): Server<E> {
  const running = new Map<number, AbortController>();
  const send = (frame: Response): void => port.send(frame);
  const fail = (id: number, error: unknown): void => send({ t: 'error', id, error: AppError.from(error).toShape() });

  const abortAll = (): void => {
    for (const controller of running.values()) controller.abort(new AppError('process.died'));
  };

  const answer = async (id: number, name: string, input: unknown): Promise<void> => {
    if (running.has(id)) throw new AppError('call.malformed', { reason: `call ${id} is in flight already` });
    if (!Object.hasOwn(calls, name)) throw new AppError('call.unknown', { name });
    const { input: inputSchema, output: outputSchema } = calls[name]!;
    const parsed = inputSchema.safeParse(input);
    if (!parsed.success) throw new AppError('call.badInput', { name, reason: firstIssue(parsed.error) });

    const controller = new AbortController();
    const gate = progressGate((progress) => send({ t: 'progress', id, progress }));
    running.set(id, controller);
    try {
      const result = await handlers[name]!(parsed.data as z.infer<C[string]['input']>, {
        signal: controller.signal,
        seat: options.seat ?? ownSeat,
        progress: gate.push,
      });
      const output = outputSchema.safeParse(result);
      if (!output.success) {
        throw new AppError('internal', {
          reason: `the answer of ${name} is not as agreed (${firstIssue(output.error)})`,
        });
      }
      gate.flush();
      send({ t: 'result', id, output: output.data });
    } catch (error) {
      gate.flush();
      // An AbortError of a library says less than the reason for the abort.
      const isAbort = error instanceof Error && error.name === 'AbortError' && controller.signal.aborted;
      throw isAbort ? AppError.from(controller.signal.reason) : error;
    } finally {
      running.delete(id);
    }
  };

  port.onFrame((frame) => {
    const parsed = requestSchema.safeParse(frame);
    if (!parsed.success) {
      const id = idOf(frame);
      if (id !== undefined) fail(id, new AppError('call.malformed', { reason: firstIssue(parsed.error) }));
      return;
    }
    const request = parsed.data;
    if (request.t === 'gone') return;
    if (request.t === 'cancel') return running.get(request.id)?.abort(new AppError('call.cancelled'));
    const { id, name, input } = request;
    answer(id, name, input).catch((error: unknown) => {
      options.onError?.(error, name);
      fail(id, error);
    });
  });
  port.onClose(abortAll);

  return {
    emit(name, data) {
      const schema = options.events?.[name];
      if (schema === undefined) throw new AppError('internal', { reason: `there is no event ${name}` });
      send({ t: 'event', name, data: schema.parse(data) });
    },
    close: () => port.close(),
  };
}
