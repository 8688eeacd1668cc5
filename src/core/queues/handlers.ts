import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { openedProject } from '../db/projects.ts';
import { Looking } from '../features/looking.ts';
import { openDisagreements } from '../raters/disagreements.ts';
import { sight } from '../labels/visibility.ts';
import { boardOf, onChanged } from '../projects/board.ts';
import { onOpened, projectOf } from '../projects/registry.ts';

/** Images of a project are looked at when it is opened, and when an import brought others. */
function lookAhead(looking: Looking): void {
  onOpened((project) => looking.start(project));
  const scanning = new Set<string>();
  onChanged((id) => {
    if (boardOf(id).scanning !== null) scanning.add(id);
    else if (scanning.delete(id)) {
      const project = openedProject(id);
      if (project) looking.start(project);
    }
  });
}

export function handlers(context: CoreContext): Handlers<Pick<CoreCalls, 'queues.counts'>> {
  lookAhead(new Looking(context));
  return {
    'queues.counts': async ({ project: ref, rater }) => {
      const { db } = await projectOf(ref, { readOnly: true });
      const eyes = sight(db, rater);
      const count = (sql: string, ...params: unknown[]): number =>
        Number(
          db
            .prepare(sql)
            .pluck()
            .get(...params),
        );
      return {
        suggested: null,
        unsure: count(`SELECT count(*) FROM label WHERE kind = 'unsure' AND rater = ?`, rater),
        disagreements: eyes.blind ? 0 : openDisagreements(db).length,
        mislabelled: null,
        second:
          eyes.session === null
            ? null
            : count(
                `SELECT count(*) FROM blind_image WHERE session = ?
                   AND image NOT IN (SELECT image FROM label WHERE rater = ?)`,
                eyes.session,
                rater,
              ),
      };
    },
  };
}
