/** Counts Ctrl-C and SIGTERM, and tells whoever listens which one it is. */
export interface Interrupts {
  /** Called with 1, 2, 3, … Returns how to stop listening. */
  listen(listener: (nth: number) => void): () => void;
}

export function interrupts(): Interrupts {
  const listeners = new Set<(nth: number) => void>();
  let nth = 0;
  const onSignal = (): void => {
    nth += 1;
    if (listeners.size === 0) process.exit(1);
    listeners.forEach((listener) => listener(nth));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
