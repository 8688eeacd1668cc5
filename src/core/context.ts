import type { CoreEvents } from '../contract/core-calls.ts';
import type { EngineCalls } from '../contract/engine-calls.ts';
import type { Seat } from '../contract/seat.ts';
import type { Client } from '../rpc/types.ts';
import type { z } from 'zod';

/**
 * What every domain of core is built from. `src/core/<domain>/handlers.ts` exports
 * `handlers(context: CoreContext)`, which returns its part of `Handlers<CoreCalls>`.
 */
export interface CoreContext {
  /**
   * The engine. A call in flight when the engine dies is rejected with `process.died`; the shell restarts the engine,
   * and later calls reach the new one.
   */
  readonly engine: Client<EngineCalls>;
  /** Tells every connected shell. */
  emit<K extends keyof CoreEvents & string>(name: K, data: z.infer<CoreEvents[K]>): void;
}

/** Who is connected to core now: shells, and pages in browsers. */
export interface Connections {
  seats(): readonly Seat[];
}
