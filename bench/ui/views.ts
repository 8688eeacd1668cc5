/**
 * Times of core's lists of images on a fixture: open, filter, sort, group, facets, windows, and a label commit while
 * filters run.
 *   node bench/ui/views.ts FOLDER
 */
import { resolve } from 'node:path';
import { viewInputSchema, WINDOW_MOST } from '../../src/contract/view.ts';
import { openProject, type Project } from '../../src/core/db/open.ts';
import { sight } from '../../src/core/labels/visibility.ts';
import { setLabels } from '../../src/core/labels/labels.ts';
import { heldView } from '../../src/core/views/held.ts';
import { facetsOf, openView } from '../../src/core/views/open.ts';
import { windowOf } from '../../src/core/views/window.ts';
import { fixtureRater } from './fixtures.ts';

const rater = fixtureRater;
const signal = new AbortController().signal;

async function timed<T>(name: string, budget: number, work: () => T | Promise<T>, times = 1): Promise<T> {
  const took: number[] = [];
  let value: T | undefined;
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    value = await work();
    took.push(performance.now() - started);
  }
  took.sort((a, b) => a - b);
  const p95 = took[Math.min(took.length - 1, Math.floor(took.length * 0.95))] as number;
  const middle = took[took.length >> 1] as number;
  process.stdout.write(
    `${name.padEnd(44)} ${middle.toFixed(1).padStart(8)} ${p95.toFixed(1).padStart(8)} ms  of ${budget}  ${p95 <= budget ? 'held' : 'NOT HELD'}\n`,
  );
  return value as T;
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('the folder of a fixture is needed');
const project: Project = await openProject(resolve(folder));
const open = (more: object = {}) =>
  openView(project, viewInputSchema.parse({ project: project.id, rater, ...more }), signal);

const first = await timed('open, from nothing', 1500, () => open());
process.stdout.write(`${first.count} images, ${first.labelled} labelled\n`);
await timed('open again', 800, () => open(), 5);
await timed('sort by name, first time', 800, () => open({ sort: 'name' }));
await timed('sort by name', 800, () => open({ sort: 'name' }), 5);
await timed('sort by date, first time', 800, () => open({ sort: 'date' }));
await timed('sort by uncertainty', 800, () => open({ sort: 'uncertain' }));
await timed('filter: labelled', 800, () => open({ filter: { labelled: true } }), 5);
await timed('filter: a class', 800, () => open({ filter: { classes: [1] } }), 5);
await timed('filter: text of a name', 800, () => open({ filter: { text: 'cell_00012' } }), 5);
await timed('filter: groups', 800, () => open({ filter: { groups: ['P03', 'P07'] } }), 5);
await timed('group by group', 800, () => open({ groupBy: 'group' }), 5);
await timed('facets', 800, () => facetsOf(project, viewInputSchema.parse({ project: project.id, rater }), signal), 5);
const view = heldView(project, rater, (await open({ sort: 'name' })).view);
const eyes = sight(project.db, rater);
let at = 0;
const window = () => windowOf(project, view, eyes, (at = (at + 7919 * 512) % view.ids.length), WINDOW_MOST);
await timed('window of 512, anywhere', 10, window, 200);
await timed('find an image', 10, () => view.ids.indexOf(view.ids.at(-1) as number), 20);

let image = 0;
let filtering = true;
const load = (async () => {
  while (filtering) await open({ filter: { text: 'cell_00012' }, sort: 'date' });
})();
await timed(
  'label commit while filters run',
  20,
  async () => {
    await new Promise((done) => setTimeout(done, 2));
    const started = performance.now();
    setLabels(project.db, rater, [view.ids[(image += 977)] as number], { class: 'Monocyte' });
    return performance.now() - started;
  },
  100,
);
filtering = false;
await load;
process.stdout.write(`memory ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB\n`);
project.close();
