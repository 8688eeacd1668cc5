import { onScopeDispose, shallowReactive, watch } from 'vue';
import type { ErrorParams } from '../../contract/errors.ts';
import { canRun, runCommand } from '../commands/handlers.ts';

type Run = (params: ErrorParams) => void;

/** What the buttons of messages do; the part that was shown last answers. A command of the same id does as well. */
const registered = shallowReactive(new Map<string, readonly Run[]>());

/** Says what a button of a message does while this part of the page is shown. */
export function onAction(id: string, run: Run): void {
  registered.set(id, [...(registered.get(id) ?? []), run]);
  onScopeDispose(() => {
    registered.set(
      id,
      (registered.get(id) ?? []).filter((other) => other !== run),
    );
  });
}

const canAct = (id: string): boolean => (registered.get(id)?.length ?? 0) > 0 || canRun(id);

function actNow(id: string, params: ErrorParams): void {
  const run = registered.get(id)?.at(-1);
  if (run) run(params);
  else runCommand(id);
}

/** How long a place may take to be shown and say that it can do it. */
const ARRIVAL_MS = 5000;

/**
 * Does what a button of a message says. Where nothing on the screen can, `go` shows the place that can, and it is done
 * as soon as that is there.
 */
export function act(id: string, params: ErrorParams, go: (id: string) => void): void {
  if (canAct(id)) {
    actNow(id, params);
    return;
  }
  const late = window.setTimeout(() => stop(), ARRIVAL_MS);
  const stop = watch(
    () => canAct(id),
    (can) => {
      if (!can) return;
      stop();
      window.clearTimeout(late);
      actNow(id, params);
    },
  );
  go(id);
}
