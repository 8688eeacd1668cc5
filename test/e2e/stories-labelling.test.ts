import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import type { ProjectStatus } from '../../src/contract/project.ts';
import { manifestSchema } from '../../src/contract/run-files.ts';
import type { Filter } from '../../src/contract/view.ts';
import { assertGoodEnd, assertUsable, facts, settled, type Story } from './app.ts';
import { Adapt } from './models/adapt.ts';
import { Home } from './models/home.ts';
import { Images } from './models/images.ts';
import { Import } from './models/import.ts';
import { Label } from './models/label.ts';
import { picture, writePictures } from './pictures.ts';
import { stories } from './stories.ts';
import { plural, words } from './words.ts';

/** Who labels while nobody is named. */
const unnamedRater = 'me';

const story = stories(
  (title, options, run) => void test(title, options, run),
  () => {},
  { isSmall: true },
);

/** Every file of a folder and what is in it. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path, createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}

async function statusOf(app: Story, name: string): Promise<ProjectStatus> {
  const { projects } = await app.core.call('projects.list', {});
  const card = projects.find((each) => each.name === name);
  assert(card, `no project is called ${name} but ${projects.map((each) => each.name).join()}`);
  return app.core.call('projects.status', { project: card.project, rater: unnamedRater });
}

/** Somebody who uses the keys can see where they are. */
async function focusIsSeen(page: Page): Promise<void> {
  const found = await page.evaluate(() => {
    const at = document.activeElement;
    if (at === null || at === document.body) return 'nothing has the focus';
    const box = at.getBoundingClientRect();
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    const isDrawn = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
    const isIn = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return isDrawn && isIn ? 'seen' : `${at.outerHTML.slice(0, 200)} ${outlineStyle} ${outlineWidth}`;
  });
  assert.equal(found, 'seen');
}

/** Goes through the parts of the window with F6 until the focus is where it is wanted. */
async function reachByRegions(page: Page, isThere: () => Promise<boolean>): Promise<void> {
  const seen: string[] = [];
  for (let at = 0; at < 12; at++) {
    await page.keyboard.press('F6');
    await focusIsSeen(page);
    if (await isThere()) return;
    seen.push(await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 90) ?? ''));
  }
  assert.fail(`F6 does not lead there, but to ${seen.join(' | ')}`);
}

story('1: the first minute', async (app) => {
  const { page } = app;
  const [home, images, label, adapt] = [new Home(page, app.answer), new Images(page), new Label(page), new Adapt(page)];
  const begun = performance.now();
  await assertGoodEnd(app);
  await home.trySample();
  await images.counts('labels', 32);
  await label.seen();
  await assertGoodEnd(app);
  for (const { name, position } of (await statusOf(app, 'Sample library')).classes) {
    await label.likely(name);
    await label.image.focus();
    await label.key(String(position + 1));
  }
  await images.counts('labels', 40);
  await adapt.primary.waitFor();
  await page
    .getByRole('navigation', { name: words('app.placesLabel') })
    .getByRole('link', { name: words('app.places.results') })
    .click();
  await page.getByText(words('results.shipped')).waitFor();
  assert((performance.now() - begun) / 1000 < 60, 'a minute');
  await assertGoodEnd(app);
});

/** Cat, dog and junk, three of their files broken. */
async function writePets(folder: string): Promise<void> {
  await writePictures(join(folder, 'cat'), 8);
  await writePictures(join(folder, 'dog'), 8, 100);
  await writePictures(join(folder, 'junk'), 4, 200);
  const whole = await picture(250);
  writeFileSync(join(folder, 'cat', 'cut.png'), whole.subarray(0, 60));
  writeFileSync(join(folder, 'dog', 'empty.png'), '');
  writeFileSync(join(folder, 'dog', 'words.png'), 'not an image');
}

story('2: class folders', async (app) => {
  const { page } = app;
  const [home, importing, images] = [new Home(page, app.answer), new Import(page), new Images(page)];
  const folder = join(app.folder, 'pets');
  await writePets(folder);
  const earlier = contentOf(folder);
  await home.openFolder(folder);
  await importing.looked();
  await importing.leftOut.getByText(plural('import.unreadable', 3)).waitFor();
  await importing.folder('junk').uncheck();
  await settled(page);
  await assertGoodEnd(app);
  await importing.start();
  await images.counts('labels', 16);
  const facts = await images.open(/^cat,/);
  await facts.getByRole('listitem').filter({ hasText: 'cat' }).filter({ hasText: 'imported' }).waitFor();
  assert.deepEqual(contentOf(folder), earlier);
  await assertGoodEnd(app);
  const status = await statusOf(app, 'pets');
  assert.deepEqual(
    status.classes.map(({ name, training, check }) => [name, training + check]),
    [
      ['cat', 8],
      ['dog', 8],
    ],
  );
  assert.equal(status.unreadable, 3);
});

story('Images without a pointer, and as a screen reader has it', async (app) => {
  const { page } = app;
  const [home, images] = [new Home(page, app.answer), new Images(page)];
  await home.open('pets');
  await images.counts('labels', 16);
  // It was left with an image opened closely, and is opened so again.
  await images.show();
  const { images: of } = await statusOf(app, 'pets');
  const grid = images.grid;
  assert.equal(await grid.getAttribute('aria-multiselectable'), 'true');
  const columns = Number(await grid.getAttribute('aria-colcount'));
  assert.equal(Number(await grid.getAttribute('aria-rowcount')), Math.ceil(of / columns));
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName ?? '');
  const place = (at: number): RegExp => new RegExp(`, ${words('grid.place', { at, of })}$`);

  const called = (name: string, at: number): RegExp => new RegExp(`^${name}.*${place(at).source}`);

  await reachByRegions(page, () => grid.evaluate((element) => element.contains(document.activeElement)));
  await page.keyboard.press('Control+Home');
  assert.match(await focused(), place(1));
  assert.match(await focused(), /^cat, /);
  await page.keyboard.press('ArrowRight');
  await focusIsSeen(page);
  assert.match(await focused(), place(2));
  await page.keyboard.press('ArrowDown');
  assert.match(await focused(), place(2 + columns));
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Space');
  await grid.getByRole('gridcell', { name: place(1), selected: true }).waitFor();
  await page.keyboard.press('Shift+ArrowRight');
  await page
    .getByRole('toolbar', { name: words('label.bar.label') })
    .getByText(plural('images.selected', 2))
    .waitFor();
  await page.keyboard.press('2');
  await images.cell(called('dog', 2)).waitFor();
  await focusIsSeen(page);
  await settled(page);
  await page.keyboard.press('ControlOrMeta+z');
  await images.cell(called('cat', 2)).waitFor();

  await page.keyboard.press('Enter');
  await page.getByRole('complementary', { name: words('images.viewer.facts') }).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByText(words('grid.place', { at: 3, of }), { exact: true }).waitFor();
  await assertGoodEnd(app);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.role === 'gridcell');
  assert.match(await focused(), place(3));
  await focusIsSeen(page);
  await assertGoodEnd(app);
});

story('3: a table with groups', async (app) => {
  const { page } = app;
  const [home, importing, images] = [new Home(page, app.answer), new Import(page), new Images(page)];
  const folder = join(app.folder, 'smears');
  await writePictures(folder, 100);
  const patientOf = (file: string): string => `p${Math.floor(Number(file.slice(0, 3)) / 4)}`;
  const files = readdirSync(folder).sort();
  // The last patients are in the table, but nobody has said what they are.
  const diagnosisOf = (at: number): string => (at >= 84 ? '' : at % 2 === 0 ? 'blast' : 'normal');
  const rows = files.map((file, at) => [file, diagnosisOf(at), patientOf(file)].join(','));
  writeFileSync(join(folder, 'labels.csv'), ['file,diagnosis,patient', ...rows].join('\n'));

  await home.openFolder(folder);
  await importing.looked();
  assert.equal(await importing.column('file').inputValue(), 'file');
  assert.equal(await importing.column('label').inputValue(), 'diagnosis');
  await importing.groups.getByText(plural('import.groups.count', 25)).waitFor();
  await assertGoodEnd(app);
  await importing.start();
  await images.counts('labels', 84);
  await assertGoodEnd(app);

  const { project, groups, folder: kept } = await statusOf(app, 'smears');
  assert.equal(groups, 25);
  const tiny = { shots: 2, draws: 2, epochs: 1, size: 32, seeds: 1, regime: 'probe' } as const;
  const { id } = await app.core.call('runs.begin', { project, ...tiny });
  await page.locator('body[data-project-state=results]').waitFor({ state: 'attached', timeout: 60_000 });
  const results = await app.core.call('results.get', { project });
  assert.equal(results.run, id);
  assert.equal(results.groups, 25);
  assert(results.protocol.checkGroups > 0);

  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(kept!, 'runs', id, 'manifest.json'), 'utf8')));
  const patients = new Map(manifest.images.map(({ id, path }) => [id, patientOf(basename(path))]));
  const on = (ids: readonly number[]): Set<string | undefined> => new Set(ids.map((image) => patients.get(image)));
  const learned = on([...manifest.adapt, ...manifest.training.map(({ image }) => image)]);
  assert.equal(manifest.check.length > 0 || manifest.draws.some(({ score }) => score), true);
  for (const { train, score } of manifest.draws) {
    const checked = on(score ?? manifest.check);
    assert.deepEqual(
      [...on(train)].filter((patient) => checked.has(patient)),
      [],
    );
    if (!score)
      assert.deepEqual(
        [...learned].filter((patient) => checked.has(patient)),
        [],
      );
  }
});

story('4: keyboard only', async (app) => {
  const { page } = app;
  const [home, importing, images, label] = [
    new Home(page, app.answer),
    new Import(page),
    new Images(page),
    new Label(page),
  ];
  const folder = join(app.folder, 'keys');
  await writePictures(folder, 200);
  await home.openFolder(folder);
  await importing.looked();
  await importing.start();

  // From here on the pointer rests.
  const press = async (key: string): Promise<void> => {
    await page.keyboard.press(key);
    await settled(page);
    await focusIsSeen(page);
  };
  await reachByRegions(page, () => images.grid.evaluate((element) => element.contains(document.activeElement)));
  await press('ControlOrMeta+Enter');
  await page.getByRole('heading', { level: 1, name: words('app.places.label') }).waitFor();
  await label.seen();
  await focusIsSeen(page);
  await page.keyboard.press('ControlOrMeta+Enter');
  const field = label.classes.getByRole('textbox', { name: words('label.classes.add') });
  await field.waitFor();
  await focusIsSeen(page);
  for (const name of ['round', 'oval', 'flat']) {
    await page.keyboard.type(name);
    await press('Enter');
    await label.class(name).waitFor();
  }
  await press('Escape');
  await reachByRegions(page, () => label.image.evaluate((element) => element === document.activeElement));

  const keys = [...Array.from({ length: 30 }, (_, at) => String((at % 3) + 1)), 'u', 'u', '0'];
  for (const key of keys) {
    await label.wantMore();
    await label.key(key);
    await focusIsSeen(page);
  }
  await label.wantMore();
  await press('n');
  await page.keyboard.type('ölig, 40×');
  await press('Enter');
  await images.counts('labels', 30);
  const { project, classes } = await statusOf(app, 'keys');
  assert.deepEqual(
    classes.map(({ name, training, check }) => [name, training + check]),
    [
      ['round', 10],
      ['oval', 10],
      ['flat', 10],
    ],
  );
  /** All that was said, but not when: what is done again is done now. */
  const labels = async (): Promise<string> => {
    const out = join(app.folder, 'labels.csv');
    await app.core.call('labels.export', { project, out, format: 'csv' });
    const text = readFileSync(out, 'utf8');
    rmSync(out);
    return text.replaceAll(/\d{4}-\d\d-\d\dT[^,]*/g, '');
  };
  const count = async (filter: Filter): Promise<number> => {
    const seat = { project, rater: unnamedRater };
    return (await app.core.call('view.open', { ...seat, source: { kind: 'library' }, filter })).count;
  };
  assert.equal(await count({ marks: ['unsure'] }), 2);
  assert.equal(await count({ marks: ['none'] }), 1);
  assert.equal(await count({ note: true }), 1);
  assert.equal(await count({ text: 'ölig' }), 1);

  const all = await labels();
  for (let at = 0; at < 10; at++) await label.saved(() => press('ControlOrMeta+z'));
  assert.notEqual(await labels(), all);
  assert.equal(await count({ note: true }), 0);
  for (let at = 0; at < 10; at++) await label.saved(() => press('ControlOrMeta+Shift+z'));
  assert.equal(await labels(), all);
  assert.equal(await count({ note: true }), 1);

  // The same images as a grid, and back to one of them.
  await press('Escape');
  await label.grid.waitFor();
  await page.waitForFunction(() => document.activeElement?.role === 'gridcell');
  await focusIsSeen(page);
  const columns = Number(await label.grid.getAttribute('aria-colcount'));
  const cells = await label.grid.getByRole('gridcell').count();
  assert.equal(Number(await label.grid.getAttribute('aria-rowcount')), Math.ceil(cells / columns));
  await press('Control+Home');
  await press('Space');
  await label.saved(() => press('3'));
  await label.grid.getByRole('gridcell', { name: /^flat.*, 1 of \d+$/ }).waitFor();
  await label.saved(() => press('ControlOrMeta+z'));
  await assertGoodEnd(app);
  await page.keyboard.press('Enter');
  await label.seen();
  await focusIsSeen(page);
  await label.shown.waitFor();
  await assertGoodEnd(app);
});

story('5: nothing is lost', async (app) => {
  const { page } = app;
  const [home, importing, images, label] = [
    new Home(page, app.answer),
    new Import(page),
    new Images(page),
    new Label(page),
  ];
  const folder = join(app.folder, 'fifty');
  await writePictures(folder, 56);
  await home.openFolder(folder);
  await importing.looked();
  await importing.start();
  await label.show();
  await label.addClass('left');
  await label.addClass('right');

  const { project } = await statusOf(app, 'fifty');
  const seat = { project, rater: unnamedRater };
  const { view } = await app.core.call('view.open', { ...seat, source: { kind: 'library' } });
  for (let at = 0; at < 45; at++) {
    const target = { view, ranges: [[at, at + 1]] as [number, number][] };
    await app.core.call('labels.set', { ...seat, target, value: { class: at % 2 ? 'left' : 'right' } });
  }
  await images.counts('labels', 45);
  const labelled: number[] = [];
  await label.image.focus();
  await label.nextBatch();
  for (let at = 0; at < 5; at++) {
    await label.wantMore();
    labelled.push(await label.shownId());
    await label.key(at % 2 ? '1' : '2');
  }
  assert.equal(new Set(labelled).size, 5);
  await images.counts('labels', 50);
  await label.wantMore();
  const current = await label.shownId();

  process.kill(app.pid('core')!, 'SIGKILL');
  await page.getByText(words('messages.process.coreBack')).waitFor();
  await images.counts('labels', 50);
  await label.seen();
  assert.equal(await label.shownId(), current, 'after core came back');
  // Pictures that were asked for while core was dead were answered so; nothing else may have been said.
  const { complaints } = app.seen;
  const others = complaints.filter((text) => !text.includes('503 (Service Unavailable)'));
  complaints.splice(0, complaints.length, ...others);

  await app.restart();
  const later = app.page;
  const [labelLater, imagesLater] = [new Label(later), new Images(later)];
  await new Home(later).open('fifty');
  await imagesLater.counts('labels', 50);
  await labelLater.show();
  assert.equal(await labelLater.shownId(), current, 'after all of it came back');

  await later.keyboard.press('ControlOrMeta+z');
  await imagesLater.counts('labels', 49);
  const details = await app.core.call('images.details', { ...seat, image: labelled.at(-1)! });
  assert.deepEqual(details.history.map(({ kind }) => kind).sort(), ['class', 'clear']);
  await assertGoodEnd(app);
});

story('6: too early', async (app) => {
  const { page } = app;
  const [home, importing, images] = [new Home(page, app.answer), new Import(page), new Images(page)];
  const [label, adapt] = [new Label(page), new Adapt(page)];
  const folder = join(app.folder, 'early');
  await writePictures(folder, 80);
  const said = Array.from({ length: 42 }, (_, at) => `${String(at).padStart(3, '0')}.png,Basophil`);
  writeFileSync(join(folder, 'labels.csv'), ['file,label', ...said].join('\n'));
  await home.openFolder(folder);
  await importing.looked();
  await importing.start();
  await label.show();
  await label.addClass('Monocyte');
  const { project, classes } = await statusOf(app, 'early');
  const monocyte = classes.find(({ name }) => name === 'Monocyte')!.id;

  // Two that are learned from.
  await page.goto(`${page.url().replace(/#.*$/, '')}#/p/${project}/label/class:${monocyte}`);
  await label.image.focus();
  for (let at = 0; at < 2; at++) await label.key('2');

  await adapt.show();
  await adapt.primary.click();
  const few = plural('messages.labels.few', 2, { class: 'Monocyte', labels: 2, needed: 5 });
  await adapt.missing.getByText(few).waitFor();
  assert.equal(await adapt.missing.evaluate((element) => element === document.activeElement), true);
  assert.deepEqual((await app.core.call('runs.list', { project })).runs, []);
  await assertGoodEnd(app);

  await adapt.missing
    .getByRole('link', { name: words('messages.actions.label.ofClass', { class: 'Monocyte' }) })
    .click();
  await label.seen();
  await page.waitForFunction(([suffix]) => location.hash.endsWith(suffix!), [`/label/class:${monocyte}`]);
  assert.equal(
    await label.queue.evaluate((element: HTMLSelectElement) => element.selectedOptions[0]?.textContent?.trim()),
    words('label.queues.class', { name: 'Monocyte' }),
  );
  // Until the list of the class is there, the images of the one before are.
  await label.seen();
  await label.image.focus();
  for (let at = 0; at < 3; at++) await label.key('2');
  await images.counts('labels', 47);
  await facts(page, '[data-project-state=ready]');
  await assertGoodEnd(app);

  await adapt.show();
  await adapt.plan.waitFor({ timeout: 60_000 });
  await assertUsable(page);
  await adapt.primary.click();
  await facts(page, '[data-project-state=adapting]');
  const { runs } = await app.core.call('runs.list', { project });
  assert.deepEqual(
    runs.map(({ kind }) => kind),
    ['one-click'],
  );
});
