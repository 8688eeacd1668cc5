import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import type { Project } from '../db/open.ts';
import { assertSighted } from '../labels/visibility.ts';
import { boardOf, changed } from '../projects/board.ts';
import { projectOf } from '../projects/registry.ts';
import { keyText } from '../thumbnails/keys.ts';
import { agreementOf, pairsOf, ratersOf } from './agreement.ts';
import { endBlind, openSession, sessionImages, startBlind } from './blind.ts';

type RaterCalls = Pick<
  CoreCalls,
  'second.start' | 'second.end' | 'second.status' | 'agreement.list' | 'agreement.cell'
>;

export function handlers({ emit }: Pick<CoreContext, 'emit'>): Handlers<RaterCalls> {
  /** What may be seen changes with the session, so everything that is shown is asked for anew. */
  const tell = ({ id }: Project): void => {
    changed(id);
    emit('labels.changed', { project: id, seq: boardOf(id).seq, images: null });
  };
  const seeing = async (ref: string, rater: string): Promise<Project> => {
    const project = await projectOf(ref, { readOnly: true });
    assertSighted(project.db, rater);
    return project;
  };

  return {
    'second.start': async ({ project: ref, rater, of, images }) => {
      const project = await projectOf(ref);
      const begun = startBlind(project, rater, of, images);
      tell(project);
      return { images: begun };
    },
    'second.end': async ({ project: ref, rater }) => {
      const project = await projectOf(ref);
      const { other, images } = endBlind(project.db, rater);
      tell(project);
      return agreementOf(project.db, [other, rater], images);
    },
    'second.status': async ({ project: ref, rater }) => {
      const { db } = await projectOf(ref, { readOnly: true });
      const session = openSession(db, rater);
      // Who else labelled is part of what a blind rater does not see.
      if (!session) return { active: false, done: 0, images: 0, raters: ratersOf(db).filter((name) => name !== rater) };
      const { all, done } = sessionImages(db, session.id, rater);
      return { active: true, done: done.length, images: all.length, raters: [] };
    },
    'agreement.list': async ({ project: ref, rater }) => {
      const { db } = await seeing(ref, rater);
      const raters = ratersOf(db);
      const pairs = raters.flatMap((first, i) => raters.slice(i + 1).map((second) => agreementOf(db, [first, second])));
      return { pairs: pairs.filter(({ images }) => images > 0) };
    },
    'agreement.cell': async ({ project: ref, rater, raters, first, second }) => {
      const project = await seeing(ref, rater);
      const found = pairsOf(project.db, ...raters).filter((pair) => pair.first === first && pair.second === second);
      return { images: found.map(({ image }) => ({ image, key: keyText(project.id, image) })) };
    },
  };
}
