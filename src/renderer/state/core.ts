import { onScopeDispose, readonly, ref } from 'vue';
import type { z } from 'zod';
import { coreCalls, coreEvents, type CoreCalls, type CoreEvents } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import { connect } from '../../rpc/connect.ts';
import type { CallerInputOf, CallOptions, Client, OutputOf } from '../../rpc/types.ts';
import { NoConnection, openPort } from './connection.ts';

type Core = Client<CoreCalls, CoreEvents>;
type Listener<K extends keyof CoreEvents> = (data: z.infer<CoreEvents[K]>) => void;

/** `lost`: tried again by itself. `forbidden`: only a new link helps. */
type ConnectionState = 'connecting' | 'connected' | 'lost' | 'forbidden';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

const state = ref<ConnectionState>('connecting');
const busy = ref(0);
const listeners = new Map<string, Set<Listener<never>>>();
const onReconnected = new Set<() => void>();
const reconnected = (): void => onReconnected.forEach((listener) => listener());
let core: Core | undefined;
let opened: Promise<void> | undefined;

export const connection = readonly(state);
/** Calls in flight: tests wait until it is 0. */
export const callsInFlight = readonly(busy);

/** Connects once, and again whenever the connection is cut. */
export function connectCore(): Promise<void> {
  opened ??= open(FIRST_RETRY_MS);
  return opened;
}

async function open(delay: number): Promise<void> {
  try {
    const port = await openPort();
    const again = core !== undefined;
    core = connect(coreCalls, coreEvents, port);
    for (const name of Object.keys(coreEvents) as (keyof CoreEvents)[]) {
      core.on(name, (data) => listeners.get(name)?.forEach((listener) => listener(data as never)));
    }
    core.on('process.notice', ({ process, what }) => {
      if (process === 'core' && what === 'restarted') reconnected();
    });
    port.onClose(() => {
      state.value = 'lost';
      opened = reopen(FIRST_RETRY_MS);
    });
    state.value = 'connected';
    if (again) reconnected();
  } catch (error) {
    if (error instanceof NoConnection && error.forbidden) {
      state.value = 'forbidden';
      return;
    }
    state.value = 'lost';
    await reopen(Math.min(LAST_RETRY_MS, 2 * delay));
  }
}

async function reopen(delay: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delay));
  await open(delay);
}

/**
 * One call of core.
 * @throws AppError as core says it; `process.died` when the connection was cut on the way
 */
export async function call<K extends keyof CoreCalls & string>(
  name: K,
  input: CallerInputOf<CoreCalls, K>,
  options?: CallOptions,
): Promise<OutputOf<CoreCalls, K>> {
  await connectCore();
  if (core === undefined) throw new AppError('process.died');
  busy.value += 1;
  try {
    return await core.call(name, input, options);
  } finally {
    busy.value -= 1;
  }
}

/** So often a question is asked anew when core died over it. */
const MOST_ASKED = 4;

/**
 * A call that changes nothing, or nothing more when it is made twice: made anew when core died or the connection was
 * cut before it answered.
 * @throws AppError as `call` does
 */
export async function ask<K extends keyof CoreCalls & string>(
  name: K,
  input: CallerInputOf<CoreCalls, K>,
  options?: CallOptions,
): Promise<OutputOf<CoreCalls, K>> {
  for (let asked = 1; ; asked++) {
    try {
      return await call(name, input, options);
    } catch (error) {
      const died = error instanceof AppError && error.code === 'process.died';
      if (!died || asked === MOST_ASKED || options?.signal?.aborted) throw error;
    }
  }
}

/** Hears an event for as long as the component or store it is called in is there. */
export function onEvent<K extends keyof CoreEvents & string>(name: K, listener: Listener<K>): void {
  const set = listeners.get(name) ?? new Set();
  listeners.set(name, set);
  set.add(listener as Listener<never>);
  onScopeDispose(() => set.delete(listener as Listener<never>));
}

/**
 * Called after each connection but the first, and when core was started again: what was heard may have missed
 * something, and what core held for this page is gone.
 */
export function onReconnect(listener: () => void): void {
  onReconnected.add(listener);
  onScopeDispose(() => onReconnected.delete(listener));
}
