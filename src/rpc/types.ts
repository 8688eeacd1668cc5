import type { z } from 'zod';
import type { Progress } from '../contract/progress.ts';
import type { Seat } from '../contract/seat.ts';

/** One call: what goes in and what comes out, both parsed at the edge. */
export interface CallSchema {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}
export type CallTable = Readonly<Record<string, CallSchema>>;
export type EventTable = Readonly<Record<string, z.ZodType>>;

/** What a handler gets: parsed, defaults filled in. */
export type InputOf<C extends CallTable, K extends keyof C> = z.infer<C[K]['input']>;
/** What a caller gives: entries with a default may be left out. */
export type CallerInputOf<C extends CallTable, K extends keyof C> = z.input<C[K]['input']>;
export type OutputOf<C extends CallTable, K extends keyof C> = z.infer<C[K]['output']>;

export interface CallContext {
  /**
   * Aborted when the caller cancels (reason: AppError `call.cancelled`) or is gone (reason: AppError `process.died`).
   * A job then stops at its next safe point.
   */
  readonly signal: AbortSignal;
  /** Who asks. */
  readonly seat: Seat;
  progress(progress: Progress): void;
}

export type Handlers<C extends CallTable> = {
  [K in keyof C]: (input: InputOf<C, K>, context: CallContext) => Promise<OutputOf<C, K>>;
};

export interface CallOptions {
  /** Aborting asks the other side to stop; the call then ends with what the other side answers. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface Client<C extends CallTable, E extends EventTable = Record<never, never>> {
  call<K extends keyof C & string>(name: K, input: CallerInputOf<C, K>, options?: CallOptions): Promise<OutputOf<C, K>>;
  on<K extends keyof E & string>(name: K, listener: (data: z.infer<E[K]>) => void): () => void;
  close(): void;
}

export interface Server<E extends EventTable = Record<never, never>> {
  emit<K extends keyof E & string>(name: K, data: z.infer<E[K]>): void;
  close(): void;
}

/** A two-way pipe of frames. What arrives is unknown until it has been parsed. */
export interface Port {
  send(frame: object): void;
  onFrame(listener: (frame: unknown) => void): void;
  /** Called once; at once when the port is closed already. */
  onClose(listener: () => void): void;
  close(): void;
}
