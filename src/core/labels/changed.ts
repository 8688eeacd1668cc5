const kinds = `('class', 'none', 'unsure', 'skip', 'clear')`;
const said = (event: string): string => `${event}.kind || ' ' || ifnull(${event}.class, '')`;

/**
 * Query for the images (with the rater) of which something else is said now than `@since`: what was changed and is as
 * it was again does not count, nor do notes and what was only seen.
 */
export const changedSql = (by: 'seq' | 'time'): string =>
  `SELECT event.image AS image, event.rater AS rater FROM label_event AS event
   WHERE event.${by} > @since AND event.kind IN ${kinds}
     AND NOT EXISTS (
       SELECT 1 FROM label_event AS later
       WHERE later.image = event.image AND later.rater = event.rater AND later.seq > event.seq AND later.kind IN ${kinds})
     AND ${said('event')} <> ifnull((
       SELECT ${said('before')} FROM label_event AS before
       WHERE before.image = event.image AND before.rater = event.rater AND before.${by} <= @since
         AND before.kind IN ${kinds}
       ORDER BY before.seq DESC LIMIT 1), 'clear ')`;
