import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import { useProject } from '../db/projects.ts';
import { exportLabels } from './export.ts';
import { redo, setLabels, setNote, undo } from './labels.ts';

type LabelCalls = Pick<CoreCalls, 'labels.set' | 'labels.note' | 'labels.undo' | 'labels.redo' | 'labels.export'>;

export function handlers(): Handlers<LabelCalls> {
  return {
    'labels.set': async ({ project, rater, images, value }) => {
      const { db } = await useProject(project);
      return { seq: setLabels(db, rater, images, value) };
    },
    'labels.note': async ({ project, rater, image, text }) => {
      const { db } = await useProject(project);
      return { seq: setNote(db, rater, image, text) };
    },
    'labels.undo': async ({ project, rater }) => undo((await useProject(project)).db, rater),
    'labels.redo': async ({ project, rater }) => redo((await useProject(project)).db, rater),
    'labels.export': async ({ project, out, format }) => ({
      rows: await exportLabels(await useProject(project), out, format),
    }),
  };
}
