import { defineStore } from 'pinia';
import { ref, shallowRef, watch } from 'vue';
import type { Act, labelValueSchema } from '../../contract/calls/labels.ts';
import type { z } from 'zod';
import type { AppError } from '../../contract/errors.ts';
import { call } from './core.ts';
import { useNotices } from './notices.ts';
import { useProject } from './project.ts';
import type { Ranges } from './selection.ts';
import { sizeOf } from './selection.ts';
import { useSettings } from './settings.ts';
import type { Patch } from './patches.ts';
import type { View } from './view.ts';

export type LabelValue = z.infer<typeof labelValueSchema>;

/** What was done last, for the bar that says so and takes it back. */
export interface Done {
  readonly act: Act;
  readonly what: 'done' | 'undone';
}

/** More tiles than this are patched by asking core again. */
const mostPatched = 2000;

/** Labels, notes and acts on classes of who labels in this window, with undo and redo. */
export const useLabelling = defineStore('labelling', () => {
  const project = useProject();
  const settings = useSettings();
  const notices = useNotices();
  const last = shallowRef<Done>();
  /** The model's guess is shown: labels made meanwhile are marked so. */
  const guessShown = ref(false);
  /** Image whose guess was looked at; its label is marked so too. */
  const guessSeen = ref<number>();
  const given: number[] = [];
  const perMinute = ref(0);

  const unwritten: (() => void)[] = [];
  watch(
    () => project.status?.unsaved ?? 0,
    (count) => {
      if (count === 0) for (const written of unwritten.splice(0)) written();
    },
  );

  const seat = (): { project: string; rater: string } => ({ project: project.id ?? '', rater: settings.rater });

  const patchOf = (value: LabelValue): Patch => {
    if ('class' in value) {
      return { class: project.classes.find(({ name }) => name === value.class)?.id ?? null, mark: null };
    }
    return { class: null, mark: value.mark === 'clear' ? null : value.mark };
  };

  /** Labels the tiles of a view: shown at once, and on disk when it resolves. @returns whether it is */
  async function label(view: View, ranges: Ranges, value: LabelValue, joint = false): Promise<boolean> {
    const { id, input } = view;
    if (id.value === null || sizeOf(ranges) === 0) return false;
    const images = sizeOf(ranges) <= mostPatched ? imagesOf(view, ranges) : [];
    view.patch(images, patchOf(value));
    const target = { view: id.value, ranges: ranges.map(([from, to]): [number, number] => [from, to]) };
    const at = { project: input.value?.project ?? '', rater: settings.rater };
    try {
      const wasSeen = guessSeen.value !== undefined && images.includes(guessSeen.value);
      const act = await call('labels.set', { ...at, target, value, joint, guessShown: guessShown.value || wasSeen });
      view.written(images);
      last.value = { act, what: 'done' };
      count(act.images);
      return true;
    } catch (thrown) {
      const error: AppError = notices.fail(thrown);
      // What could not be written yet is kept by core and written later.
      if (error.code === 'disk.labelFail') unwritten.push(() => view.written(images));
      else view.unpatch(images);
      return false;
    }
  }

  function count(images: number): void {
    const now = Date.now();
    for (let i = 0; i < Math.min(images, 1000); i++) given.push(now);
    while (given.length > 0 && now - given[0]! > 60_000) given.shift();
    perMinute.value = given.length;
  }

  async function act(work: () => Promise<Act>, what: Done['what'] = 'done'): Promise<Act | undefined> {
    const done = await notices.tell(work);
    if (done) last.value = { act: done, what };
    return done;
  }

  return {
    last,
    guessShown,
    guessSeen,
    perMinute,
    label,
    confirm: (batch: number, images: number[]) =>
      act(() => call('apply.confirm', { ...seat(), batch, target: { images } })),
    note: (image: number, text: string) => act(() => call('labels.note', { ...seat(), image, text })),
    undo: () => act(() => call('labels.undo', seat()), 'undone'),
    redo: () => act(() => call('labels.redo', seat())),
    addClass: (name: string) => act(() => call('classes.add', { ...seat(), name })),
    renameClass: (id: number, name: string) => act(() => call('classes.rename', { ...seat(), class: id, name })),
    mergeClass: (id: number, into: number) => act(() => call('classes.merge', { ...seat(), class: id, into })),
    removeClass: (id: number) => act(() => call('classes.remove', { ...seat(), class: id })),
    reorderClasses: (order: number[]) => act(() => call('classes.reorder', { ...seat(), order })),
  };
});

function imagesOf(view: View, ranges: Ranges): number[] {
  const images: number[] = [];
  for (const [from, to] of ranges) {
    for (let at = from; at < to; at++) {
      const tile = view.tile(at);
      if (tile) images.push(tile.image);
    }
  }
  return images;
}
