/** Calls at once, then at most once in `ms` for each key; what comes between is told by the next. */
export function coalesce(ms: number, call: (key: string) => void): (key: string) => void {
  const waiting = new Map<string, { again: boolean }>();
  const run = (key: string): void => {
    const state = { again: false };
    waiting.set(key, state);
    setTimeout(() => {
      waiting.delete(key);
      if (state.again) run(key);
    }, ms).unref();
    call(key);
  };
  return (key) => {
    const state = waiting.get(key);
    if (state) state.again = true;
    else run(key);
  };
}
