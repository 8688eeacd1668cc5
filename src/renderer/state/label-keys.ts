import { shallowRef, type Ref } from 'vue';
import type { Act } from '../../contract/calls/labels.ts';
import { onCommand } from '../commands/handlers.ts';
import { call } from './core.ts';
import { useNotices } from './notices.ts';
import { useProject } from './project.ts';
import { useSettings } from './settings.ts';

/** What was done last here, for the bar that undoes it. */
export interface Done {
  readonly act: Act;
  readonly undone: boolean;
}

const keys = Array.from({ length: 18 }, (_, position) => position);

/** Keys of the classes on the images one looks at: a label is fixed in place, undone and redone. */
export function useLabelKeys(targets: () => readonly number[]): {
  readonly last: Readonly<Ref<Done | undefined>>;
  note(act: Act): void;
  undo(): Promise<void>;
} {
  const project = useProject();
  const settings = useSettings();
  const notices = useNotices();
  const last = shallowRef<Done>();
  const seat = (): { project: string; rater: string } => ({ project: project.id ?? '', rater: settings.rater });

  async function set(value: { class: string } | { mark: 'none' | 'unsure' | 'clear' }): Promise<void> {
    const images = [...targets()];
    if (images.length === 0) return;
    const act = await notices.tell(() => call('labels.set', { ...seat(), target: { images }, value }));
    if (act) last.value = { act, undone: false };
  }
  const once = (run: () => void) => (event?: KeyboardEvent) => {
    // A key that is held down labels once.
    if (event?.repeat !== true) run();
  };
  const may = (): boolean => targets().length > 0;
  for (const position of keys) {
    const nameAt = (): string | undefined => project.classes.find((info) => info.position === position)?.name;
    onCommand(
      `label.class.${position + 1}`,
      once(() => {
        const name = nameAt();
        if (name !== undefined) void set({ class: name });
      }),
      () => may() && nameAt() !== undefined,
    );
  }
  onCommand(
    'label.none',
    once(() => void set({ mark: 'none' })),
    may,
  );
  onCommand(
    'label.unsure',
    once(() => void set({ mark: 'unsure' })),
    may,
  );
  onCommand(
    'label.remove',
    once(() => void set({ mark: 'clear' })),
    may,
  );

  async function undo(): Promise<void> {
    const act = await notices.tell(() => call('labels.undo', seat()));
    if (act) last.value = { act, undone: true };
  }
  onCommand('edit.undo', () => void undo());
  onCommand('edit.redo', () => {
    void notices
      .tell(() => call('labels.redo', seat()))
      .then((act) => {
        if (act) last.value = { act, undone: false };
      });
  });
  return { last, note: (act) => (last.value = { act, undone: false }), undo };
}
