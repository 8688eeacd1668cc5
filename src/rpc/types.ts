import type { z } from 'zod';
import type { Progress } from '../contract/progress.ts';

/** One call: what goes in and what comes out, both parsed at the edge. */
export interface CallSchema {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}
export type CallTable = Readonly<Record<string, CallSchema>>;
export type EventTable = Readonly<Record<string, z.ZodType>>;

export type InputOf<C extends CallTable, K extends keyof C> = z.infer<C[K]['input']>;
export type OutputOf<C extends CallTable, K extends keyof C> = z.infer<C[K]['output']>;

export interface CallContext {
  /** Aborted when the caller cancels. A job then stops at its next safe point. */
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}

export type Handlers<C extends CallTable> = {
  [K in keyof C]: (input: InputOf<C, K>, context: CallContext) => Promise<OutputOf<C, K>>;
};

export interface CallOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface Client<C extends CallTable, E extends EventTable = Record<never, never>> {
  call<K extends keyof C & string>(name: K, input: InputOf<C, K>, options?: CallOptions): Promise<OutputOf<C, K>>;
  on<K extends keyof E & string>(name: K, listener: (data: z.infer<E[K]>) => void): () => void;
  close(): void;
}
