import { ref } from 'vue';

const INTERVAL_MS = 1000;

/** Text of the one polite live region. */
export const liveText = ref('');
let waiting: string | undefined;
let timer: number | undefined;

/** Tells a screen reader something; at most one message a second, the newest wins. */
export function announce(text: string): void {
  if (timer !== undefined) {
    waiting = text;
    return;
  }
  liveText.value = text;
  timer = window.setTimeout(() => {
    timer = undefined;
    if (waiting === undefined) return;
    const next = waiting;
    waiting = undefined;
    announce(next);
  }, INTERVAL_MS);
}
