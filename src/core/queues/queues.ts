import type { Project } from '../db/open.ts';
import type { Sight } from '../labels/visibility.ts';
import { inRandomOrder, listed, noteDrawn, queueOf, unsaid, type Queue } from './simple.ts';

const lists: ReadonlySet<string> = new Set(['unsure', 'disagreements', 'second']);

/** What to label next. Suggestions never come from the side that checks, check images only from it, at random. */
export async function queueImages(project: Project, eyes: Sight, queue: string, size: number): Promise<Queue> {
  if (lists.has(queue)) return listed(project, eyes, queue);
  const { db } = project;
  const training = inRandomOrder(project, unsaid(db, eyes, 'training'));
  if (queue.startsWith('class:')) return queueOf(training.slice(0, size), 'likely');
  if (queue !== 'suggested' || eyes.blind) return queueOf([], 'none');
  const check = inRandomOrder(project, unsaid(db, eyes, 'check'));
  const drawn = check.slice(0, size);
  if (!project.readOnly) noteDrawn(db, drawn, drawn.length / Math.max(1, check.length));
  return drawn.length > 0 ? queueOf(drawn, 'random-check') : queueOf(training.slice(0, size), 'none');
}
