import type { Results } from '../../contract/results.ts';
import type { Outcome } from '../command.ts';
import { resultsText } from './results.ts';

export interface RunEnd {
  run: string;
  outcome: 'finished' | 'paused' | 'cancelled' | 'collapsed';
  results: Results | null;
}

/** What a run came to. One that was paused, cancelled or collapsed has not reached its end. */
export function runOutcome(end: RunEnd, project: string): Outcome {
  const sentences = {
    finished: `Run ${end.run} is finished.`,
    paused: `Run ${end.run} is paused at a saved point. Nothing is lost; go on with: acclimate resume ${project}`,
    cancelled: `Run ${end.run} was cancelled. Labels and earlier results are kept.`,
    collapsed:
      'The model began to see all images as the same, so adapting was stopped. This is known to happen and is not caused by your labels. The model without adaptation is intact. Next try: half the learning rate, stronger image changes.',
  };
  const text = [
    ...(end.outcome === 'finished' ? [] : [sentences[end.outcome]]),
    ...(end.results === null ? [] : [resultsText(end.results)]),
  ];
  return {
    json: end,
    text: text.length > 0 ? text.join('\n\n') : sentences.finished,
    done: end.outcome === 'finished',
  };
}
