import { existsSync } from 'node:fs';
import { heldColumnsSchema, type ArmName, type HeldColumns } from '../../contract/run-files.ts';
import { readRunJson, writeRunJson } from '../../files/run-json.ts';
import { pairedDifference } from '../../statistics/paired.ts';
import { partialProbes, type PartialProbes } from '../regimes/held-out.ts';
import { FOLDS, spreadFolds } from '../regimes/select.ts';
import { armFeatures } from './embed.ts';
import { cellSeed, type Job } from './job.ts';

/** Fewer labels of one value than this tell nothing; a column of more values than this is no scanner. */
const fewestLabels = 10;
const mostValues = 12;
/** Only the class that is called matters. */
const tolerance = 1e-3;

/**
 * For each column that results are reported by (scanner, stain, site): how the training labels of one value are told by
 * a probe that was trained without any of that value, against one that was trained with labels of it (out of fold, no
 * group on both sides). With the first adaptation seed; check images have no part in it.
 */
export async function holdOutColumns(job: Job, arm: ArmName): Promise<HeldColumns> {
  const path = job.run.paths.heldColumns(arm);
  if (existsSync(path)) return readRunJson(path, heldColumnsSchema);
  const { reportBy = [], classes } = job.run.manifest;
  const labels = job.usable.training;
  const held: HeldColumns = { version: 1, columns: [] };
  if (reportBy.length > 0 && labels.length > 0) {
    const features = await armFeatures(job, arm, 0);
    const truth = labels.map((label) => label.class);
    const rows = features.rows(labels.map(({ image }) => image));
    const probes = partialProbes(rows, truth, classes.length, features.mean);
    const place = new Map(labels.map(({ image }, row) => [image, row]));
    const right = new Uint8Array(labels.length);
    for (const fold of spreadFolds(labels, cellSeed(job.run.spec.seed, 0), FOLDS)) {
      const [train, asked] = [fold.train, fold.held].map((part) => part.map(({ image }) => place.get(image)!));
      called(probes, train!, asked!, classes.length).forEach(
        (c, i) => (right[asked![i]!] = c === truth[asked![i]!] ? 1 : 0),
      );
    }
    for (const { column, values } of reportBy) {
      const valueOf = new Map(values.map(({ image, value }) => [image, value]));
      const known = [...new Set(labels.flatMap(({ image }) => valueOf.get(image) ?? []))].sort();
      if (known.length < 2 || known.length > mostValues) continue;
      const results: HeldColumns['columns'][number]['rows'] = [];
      for (const value of known) {
        job.context.signal.throwIfAborted();
        const all = labels.map((_, row) => row);
        const asked = all.filter((row) => valueOf.get(labels[row]!.image) === value);
        const train = all.filter((row) => valueOf.get(labels[row]!.image) !== value);
        if (asked.length < fewestLabels || new Set(train.map((row) => truth[row])).size < 2) continue;
        const without = called(probes, train, asked, classes.length).map((c, i) => (c === truth[asked[i]!] ? 1 : 0));
        const pairs = asked.map((row, i) => ({
          first: [[right[row]!]],
          second: [[without[i]!]],
          cluster: labels[row]!.group,
          weight: 1,
        }));
        const sum = (hits: readonly number[]): number => hits.reduce((total, hit) => total + hit, 0);
        results.push({
          value,
          labels: asked.length,
          without: sum(without),
          with: sum(asked.map((row) => right[row]!)),
          difference: pairedDifference(pairs, true),
        });
      }
      if (results.length > 0) held.columns.push({ column, rows: results });
    }
  }
  await writeRunJson(path, held);
  return held;
}

/** Class each of the asked labels is called by a probe on others. */
function called(probes: PartialProbes, train: readonly number[], asked: readonly number[], classes: number): number[] {
  if (train.length === 0 || asked.length === 0) return asked.map(() => -1);
  const probabilities = probes.fit(train, asked, 'labels', tolerance);
  return asked.map((_, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}
