import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Results } from '../../src/contract/results.ts';
import { assertGoodEnd, facts, startApp, type App } from './app.ts';
import { root } from './few-images.ts';
import { Adapt } from './models/adapt.ts';
import { Home } from './models/home.ts';
import { Images } from './models/images.ts';
import { Import } from './models/import.ts';
import { Label } from './models/label.ts';

/** Who labels while nobody is named. */
const rater = 'me';
const kinds = ['basophil', 'lymphocyte', 'monocyte'] as const;
const perKind = 60;
const labelledPerKind = 24;

let app: App;
before(async () => {
  app = await startApp();
  // Several runs on two cores.
  app.page.setDefaultTimeout(60_000);
});
after(() => app.stop());

/**
 * Cells of three kinds, some of them with a label in a table. Whoever wrote it took a few monocytes for lymphocytes:
 * what a model may see, and a person can set right.
 */
function writeCells(folder: string): void {
  mkdirSync(folder);
  const rows = kinds.flatMap((kind) => {
    const from = join(root, 'resources/sample/images', kind);
    const files = readdirSync(from).sort().slice(0, perKind);
    return files.map((file, at) => {
      const name = `${kind}-${String(at).padStart(2, '0')}.jpg`;
      cpSync(join(from, file), join(folder, name));
      const said = kind === 'monocyte' && at < 6 ? 'lymphocyte' : kind;
      return `${name},${at < labelledPerKind ? said : ''}`;
    });
  });
  writeFileSync(join(folder, 'labels.csv'), ['file,label', ...rows].join('\n'));
}

async function projectOf(name: string): Promise<string> {
  const { projects } = await app.core.call('projects.list', {});
  const found = projects.find((each) => each.name === name);
  assert(found, `no project is called ${name}`);
  return found.project;
}

/** What a run found, whichever run it is. */
const found = (results: Results): Results => ({ ...results, run: '' });

test('7: adapt, pause, crash, continue', async () => {
  const { page, host, core } = app;
  const [home, importing, images] = [new Home(page), new Import(page), new Images(page)];
  const [label, adapt] = [new Label(page), new Adapt(page)];
  const folder = join(app.folder, 'cells');
  writeCells(folder);
  await home.openFolder(folder);
  await importing.start();
  await images.counts('labels', kinds.length * labelledPerKind);
  const project = await projectOf('cells');
  const status = () => core.call('projects.status', { project, rater });

  await adapt.show();
  const tiny = { shots: 2, draws: 2, epochs: 4, size: 32, seeds: 1, regime: 'probe', batch: 16 } as const;
  await adapt.setExpert(tiny);
  const shown = await adapt.noteProgress();
  const told: number[] = [];
  const stop = core.on('run.progress', ({ progress }) => told.push(progress.fraction));
  await adapt.primary.click();
  await facts(page, '[data-project-state=adapting]');

  await label.show();
  const image = await label.shownId();
  await label.image.focus();
  await label.key('2');
  assert.equal((await status()).state, 'adapting', 'it was labelled while the run went on');
  const { history } = await core.call('images.details', { project, rater, image });
  assert.deepEqual(
    history.map(({ kind }) => kind),
    ['class'],
  );
  // The run that is compared later has the same labels.
  await label.saved(() => page.keyboard.press('ControlOrMeta+z'));

  await adapt.button('adapting').click();
  await adapt.button('pause').click();
  await facts(page, '[data-project-state=paused]');
  await assertGoodEnd(app);
  await adapt.button('paused').click();
  await facts(page, '[data-project-state=adapting]');
  await adapt.pass(2).waitFor();
  process.kill(host.pid('engine')!, 'SIGKILL');
  await facts(page, '[data-project-state=interrupted]');
  await page.locator('[data-code="run.resume"]').waitFor();
  await assertGoodEnd(app);
  // Somebody who comes back sees how far it was.
  const before = await shown();
  await page.reload();
  const after = await adapt.noteProgress();
  await adapt.running.waitFor();
  await adapt.button('interrupted').click();
  await facts(page, '[data-project-state=results]');
  stop();

  for (const [who, values] of Object.entries({ shown: [...before, ...(await after())], told })) {
    assert(values.length > 5, `${who}: ${values.join()}`);
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
      who,
    );
  }
  const run = (await status()).results!.run;
  const broken = await core.call('results.get', { project, run });
  const whole = await core.call('runs.start', { project, depth: 'standard', ...tiny });
  assert.equal(whole.outcome, 'finished');
  assert.notEqual(whole.run, run);
  assert.deepEqual(found(broken), found(whole.results!));
  await assertGoodEnd(app);
});
