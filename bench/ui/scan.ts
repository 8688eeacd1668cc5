/**
 * Time of a label commit while an import goes on, and how long core was held up at most. Without IMAGES the project
 * looks again at its own folder.
 *   node bench/ui/scan.ts PROJECT [IMAGES]
 */
import { resolve } from 'node:path';
import { importInputSchema } from '../../src/contract/library.ts';
import { closeProjects, useProject } from '../../src/core/db/projects.ts';
import { setLabels } from '../../src/core/labels/labels.ts';
import { createImports } from '../../src/core/library/begin.ts';
import { checkImportInput } from '../../src/core/library/import.ts';

const [folder, images] = process.argv.slice(2);
if (folder === undefined) throw new Error('the folder of a project is needed');
const everyMs = 20;

const project = await useProject(resolve(folder), { create: true });
const input =
  images === undefined
    ? null
    : checkImportInput(importInputSchema.parse({ folder: images, project: folder, groups: 'P{group}_*' }));
const started = performance.now();
const { done } = await createImports(() => {}).begin(project, input);
let over = false;
void done.finally(() => (over = true));
const last = project.db.prepare(`SELECT ifnull(max(id), 0) FROM image`).pluck();
const commits: number[] = [];
const late: number[] = [];
let image = 0;
while (!over) {
  const due = performance.now() + everyMs;
  await new Promise((next) => setTimeout(next, everyMs));
  const begun = performance.now();
  late.push(begun - due);
  if (Number(last.get()) <= image) continue;
  if (over) break;
  setLabels(project.db, 'Ana', [++image], { class: 'Monocyte' });
  commits.push(performance.now() - begun);
}
const { added } = await done;
const at = (values: number[], share: number): string =>
  (values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0).toFixed(1);
process.stdout.write(
  `${added} images in ${((performance.now() - started) / 1000).toFixed(1)} s, ${commits.length} labels meanwhile\n` +
    `commit    median ${at(commits, 0.5)} ms  p95 ${at(commits, 0.95)} ms  most ${at(commits, 1)} ms\n` +
    `held up   median ${at(late, 0.5)} ms  p95 ${at(late, 0.95)} ms  most ${at(late, 1)} ms\n`,
);
await closeProjects();
