import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Act } from '../../contract/calls/labels.ts';
import { AppError } from '../../contract/errors.ts';
import type { Handlers } from '../../rpc/types.ts';
import { addClass, mergeClass, removeClass, renameClass, reorderClasses } from '../classes/changes.ts';
import type { CoreContext } from '../context.ts';
import type { Project } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import { boardOf, changed } from '../projects/board.ts';
import { projectOf } from '../projects/registry.ts';
import { imagesAt } from '../views/held.ts';
import { exportLabels } from './export.ts';
import { changeClasses, setLabels, setNote } from './labels.ts';
import { redo, stackOf, undo } from './undo.ts';
import { writeOrKeep } from './unsaved.ts';

type LabelCalls = Pick<
  CoreCalls,
  | 'labels.set'
  | 'labels.note'
  | 'labels.undo'
  | 'labels.redo'
  | 'labels.stack'
  | 'labels.export'
  | 'classes.add'
  | 'classes.rename'
  | 'classes.merge'
  | 'classes.reorder'
  | 'classes.remove'
>;

/** More changed images than this are not named one by one. */
const mostNamed = 1000;

export function handlers({ emit }: Pick<CoreContext, 'emit'>): Handlers<LabelCalls> {
  const tell = (project: Project, act?: Act): void => {
    changed(project.id);
    const { seq } = boardOf(project.id);
    const images = act && act.images <= mostNamed ? act.ids : null;
    if (!act || act.images > 0) emit('labels.changed', { project: project.id, seq, images });
    if (!act || act.kind.startsWith('class.')) emit('classes.changed', { project: project.id, seq });
  };
  /** Does an act, on disk when it returns, and tells every page. */
  const act = async (ref: string, work: (project: Project) => Act): Promise<Act> => {
    const project = await projectOf(ref);
    const done = writeOrKeep(
      project,
      () => work(project),
      () => tell(project),
    );
    tell(project, done);
    return done;
  };

  return {
    'labels.set': ({ project, rater, target, value, joint, guessShown }) =>
      act(project, (opened) => {
        if (boardOf(opened.id).scanning !== null && isFirstImport(opened)) throw new AppError('labels.scanning');
        const images = 'images' in target ? target.images : imagesAt(opened, rater, target.view, target.ranges);
        return setLabels(opened.db, rater, images, value, { joint, guessShown });
      }),
    'labels.note': ({ project, rater, image, text }) => act(project, ({ db }) => setNote(db, rater, image, text)),
    'labels.undo': ({ project, rater }) => act(project, ({ db }) => undo(db, rater)),
    'labels.redo': ({ project, rater }) => act(project, ({ db }) => redo(db, rater)),
    'labels.stack': async ({ project, rater }) => stackOf((await projectOf(project, { readOnly: true })).db, rater),
    'labels.export': async ({ project, out, format }) => ({
      rows: await exportLabels(await projectOf(project), out, format),
    }),
    'classes.add': ({ project, rater, name }) => act(project, ({ db }) => changeClasses(db, rater, addClass(db, name))),
    'classes.rename': ({ project, rater, class: id, name }) =>
      act(project, ({ db }) => changeClasses(db, rater, renameClass(db, id, name))),
    'classes.merge': ({ project, rater, class: id, into }) =>
      act(project, ({ db }) => changeClasses(db, rater, mergeClass(db, id, into))),
    'classes.reorder': ({ project, rater, order }) =>
      act(project, ({ db }) => changeClasses(db, rater, reorderClasses(db, order))),
    'classes.remove': ({ project, rater, class: id }) =>
      act(project, ({ db }) => changeClasses(db, rater, removeClass(db, id))),
  };
}

/** Before the first import is done no image has a side: a label now could end up on the side that checks. */
const isFirstImport = ({ db }: Project): boolean =>
  prepared(db, `SELECT 1 FROM image WHERE side IS NOT NULL LIMIT 1`).get() === undefined;
