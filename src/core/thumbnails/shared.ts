/** The same work asked for by several callers is done once, and given up when the last of them is gone. */
export class Shared<T> {
  readonly #running = new Map<string, { promise: Promise<T>; callers: number; controller: AbortController }>();

  async run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    let entry = this.#running.get(key);
    if (!entry) {
      const controller = new AbortController();
      const promise = work(controller.signal).finally(() => {
        if (this.#running.get(key)?.promise === promise) this.#running.delete(key);
      });
      // A caller that left does not hear of a failure.
      promise.catch(() => {});
      entry = { promise, callers: 0, controller };
      this.#running.set(key, entry);
    }
    const { promise, controller } = entry;
    entry.callers++;
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason as Error);
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([promise, left]);
    } finally {
      if (leave) signal.removeEventListener('abort', leave);
      if (--entry.callers === 0 && signal.aborted) {
        this.#running.delete(key);
        controller.abort(signal.reason);
      }
    }
  }
}
