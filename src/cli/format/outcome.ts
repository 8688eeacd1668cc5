import type { Results } from '../../contract/results.ts';
import type { Outcome } from '../command.ts';
import { resultsText } from './results.ts';

export interface RunEnd {
  run: string;
  outcome: 'finished' | 'paused' | 'cancelled' | 'collapsed';
  results: Results | null;
}

/** How a run ended, in a sentence, and what can be done then. */
export function endSentence({ run, outcome }: Pick<RunEnd, 'run' | 'outcome'>, project: string): string {
  switch (outcome) {
    case 'finished':
      return `Run ${run} is finished.`;
    case 'paused':
      return `Run ${run} is paused at a saved point. Nothing is lost; go on with: acclimate resume ${project}`;
    case 'cancelled':
      return `Run ${run} was cancelled. Labels and earlier results are kept.`;
    case 'collapsed':
      return 'The model began to see all images as the same, so adapting was stopped. This is known to happen and is not caused by your labels. The model without adaptation is intact. Next try: half the learning rate, stronger image changes.';
  }
}

/** What a run came to. One that was paused, cancelled or collapsed has not reached its end. */
export function runOutcome(end: RunEnd, project: string): Outcome {
  const text = [
    ...(end.outcome === 'finished' ? [] : [endSentence(end, project)]),
    ...(end.results === null ? [] : [resultsText(end.results)]),
  ];
  return {
    json: end,
    text: text.length > 0 ? text.join('\n\n') : endSentence(end, project),
    done: end.outcome === 'finished',
  };
}
