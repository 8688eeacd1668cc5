import { AppError } from '../../contract/errors.ts';
import type { CheckLabels, Manifest } from '../../contract/run-files.ts';
import { appendAudit } from '../audit/log.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { countingLabels } from './sides.ts';

/** Right to read check labels, for one evaluation of one run. Good for one reading. */
export class Evaluation {
  readonly run: string;
  #used = false;

  private constructor(run: string) {
    this.run = run;
  }

  /** All predictions of the run must be on disk: what is read here can't change them any more. */
  static of(run: string): Evaluation {
    return new Evaluation(run);
  }

  take(): void {
    if (this.#used) throw new AppError('split.leak', { what: 'check labels that were read before' });
    this.#used = true;
  }
}

/**
 * The labels of the images a manifest scores: its check images, or, for repeated splits, every image a draw holds
 * out. The only way to check labels; each reading is in the audit log.
 * @throws AppError `split.leak` where an evaluation reads twice
 */
export function checkLabels({ db }: Project, manifest: Manifest, evaluation: Evaluation): CheckLabels {
  evaluation.take();
  const held = manifest.draws.flatMap(({ score }) => score ?? []);
  const wanted = new Set([...manifest.check, ...held]);
  const indexOf = new Map(manifest.classes.map(({ name }, index) => [name, index]));
  const condition = held.length ? `image.side IN ('training', 'check')` : `image.side = 'check'`;
  const labels = countingLabels(db, condition).flatMap(({ image, class: name, cluster }) => {
    const index = indexOf.get(name);
    return wanted.has(image) && index !== undefined ? [{ image, class: index, cluster }] : [];
  });
  transact(db, () => appendAudit(db, 'check', { run: evaluation.run, labels: labels.length }));
  return labels;
}
