/** Functions that run inside the page and note what the user would notice. Each is sent as it is, so it closes over nothing. */

export interface Frames {
  /** Milliseconds between frames. */
  readonly deltas: number[];
  /** Main-thread milliseconds from the first callback of a frame until it was rendered. */
  readonly work: number[];
  readonly longTasks: number[];
}

declare global {
  interface Window {
    benchFrames?: Frames & { stop: boolean };
    benchTiles?: number[];
    benchKeys?: number[];
  }
}

/** Begins to note every frame. */
export function beginFrames(): void {
  const frames = { deltas: [] as number[], work: [] as number[], longTasks: [] as number[], stop: false };
  window.benchFrames = frames;
  new PerformanceObserver((list) =>
    frames.longTasks.push(...list.getEntries().map(({ duration }) => duration)),
  ).observe({
    type: 'longtask',
  });
  // A message that is posted in a frame's callback is handled after the frame was rendered.
  const channel = new MessageChannel();
  let begun = 0;
  let before = 0;
  channel.port1.onmessage = () => frames.work.push(performance.now() - begun);
  const frame = (): void => {
    begun = performance.now();
    if (before > 0) frames.deltas.push(begun - before);
    before = begun;
    channel.port2.postMessage(0);
    if (!frames.stop) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

export function endFrames(): Frames {
  window.benchFrames!.stop = true;
  const { deltas, work, longTasks } = window.benchFrames!;
  return { deltas, work, longTasks };
}

/** Begins to note, for each tile, how long it stood without its picture: from when its place became another image's. */
export function beginTiles(): void {
  const times: number[] = [];
  window.benchTiles = times;
  const since = new WeakMap<Element, number>();
  new MutationObserver((changes) => {
    for (const { target } of changes) since.set(target as Element, performance.now());
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-at'] });
  document.addEventListener(
    'load',
    ({ target }) => {
      const cell = target instanceof Element ? target.closest('[data-at]') : null;
      const begun = cell ? since.get(cell) : undefined;
      if (begun === undefined) return;
      times.push(performance.now() - begun);
      since.delete(cell!);
    },
    true,
  );
}

/** Begins to note how long each key press took until the screen showed it. */
export function beginKeys(): void {
  const times: number[] = [];
  window.benchKeys = times;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === 'keydown') times.push(entry.duration);
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
}

/** Whether every tile of the grid that can be seen has its picture. */
export function tilesAreLoaded(): boolean {
  const grid = document.querySelector('[role=grid]');
  if (!grid) return false;
  const { top, bottom } = grid.parentElement!.getBoundingClientRect();
  const shown = [...grid.querySelectorAll('img')].filter((image) => {
    const box = image.getBoundingClientRect();
    return box.bottom > top && box.top < bottom && box.width > 0;
  });
  return shown.length > 0 && shown.every((image) => image.classList.contains('loaded'));
}
