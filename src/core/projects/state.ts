import type { ProjectState } from '../../contract/project.ts';
import type { RunState } from '../../contract/runs.ts';

/** The least training labels a class can be learned from. */
export const leastLabels = 5;

/** What the state of a project follows from, and nothing else. */
export interface StateFacts {
  /** An import or a rescan is going on. */
  readonly scanning: boolean;
  /**
   * State of the newest run that learns from images or labels. A shipped one does not count, nor one that stopped and
   * was applied without its adaptation: that is a model like another.
   */
  readonly run: RunState | null;
  /** A model was made here: a run finished, or one that stopped is applied without its adaptation. */
  readonly model: boolean;
  /** Training labels of each class. */
  readonly training: readonly number[];
  /** There are no groups, or some are left to learn from. */
  readonly groupsUsable: boolean;
  /** The newest model applied to the images of the project. */
  readonly applied: {
    /** It is the newest there is, or was chosen after the newest was made. */
    readonly current: boolean;
    /** It goes on naming. */
    readonly naming: boolean;
    /** Images that arrived since. */
    readonly newImages: number;
    readonly toReview: number;
    /** The user said that the review is over. */
    readonly closed: boolean;
  } | null;
}

/** How a project stands: the first that holds. */
export function stateOf(facts: StateFacts): ProjectState {
  const { run, applied } = facts;
  if (facts.scanning) return 'scanning';
  if (run === 'interrupted') return 'interrupted';
  if (run === 'stopped' || run === 'failed') return 'stopped';
  if (run === 'paused') return 'paused';
  if (run !== null && activity.has(run)) return 'adapting';
  if (!facts.model) {
    if (facts.training.length < 2) return 'no-classes';
    if (!facts.groupsUsable || facts.training.some((labels) => labels < leastLabels)) return 'few-labels';
    return 'ready';
  }
  if (!applied?.current) return 'results';
  if (applied.newImages > 0) return 'new-images';
  if (applied.naming || (applied.toReview > 0 && !applied.closed)) return 'applied';
  return 'reviewed';
}

const activity: ReadonlySet<RunState> = new Set(['planned', 'running', 'pausing', 'cancel-requested', 'stopping']);
