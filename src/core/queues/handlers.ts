import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import { openDisagreements } from '../raters/disagreements.ts';
import { sight } from '../labels/visibility.ts';
import { projectOf } from '../projects/registry.ts';

export function handlers(): Handlers<Pick<CoreCalls, 'queues.counts'>> {
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
