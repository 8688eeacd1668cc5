import { onScopeDispose, shallowReactive } from 'vue';
import type { CommandId } from './table.ts';

interface Registered {
  readonly run: (event?: KeyboardEvent) => void;
  /** Whether it can be done now; shown dimmed in the palette otherwise. */
  readonly when: () => boolean;
}

/** The part that was shown last answers. */
const registered = shallowReactive(new Map<CommandId, readonly Registered[]>());

/** Says what a command does while this part of the page is shown. */
export function onCommand(id: CommandId, run: (event?: KeyboardEvent) => void, when: () => boolean = () => true): void {
  const entry = { run, when };
  registered.set(id, [...(registered.get(id) ?? []), entry]);
  onScopeDispose(() => {
    registered.set(
      id,
      (registered.get(id) ?? []).filter((other) => other !== entry),
    );
  });
}

export function onCommands(runs: Readonly<Record<CommandId, (event?: KeyboardEvent) => void>>): void {
  for (const [id, run] of Object.entries(runs)) onCommand(id, run);
}

export const canRun = (id: CommandId): boolean => registered.get(id)?.at(-1)?.when() ?? false;

/** @returns whether something was done */
export function runCommand(id: CommandId, event?: KeyboardEvent): boolean {
  const entry = registered.get(id)?.at(-1);
  if (!entry?.when()) return false;
  entry.run(event);
  return true;
}
