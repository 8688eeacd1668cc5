import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Database from 'better-sqlite3';
import type { Locator } from 'playwright-core';
import { messages, type MessageCode } from '../../src/contract/messages.ts';
import type { RunOptions } from '../../src/contract/runs.ts';
import { startHost } from '../../src/server/host.ts';
import { called, name, pickle, text, zip } from '../unit/engine/weights/formats/assemble.ts';
import { assertUsable, facts, settled, startApp, type App } from './app.ts';
import { root } from './few-images.ts';
import { Adapt } from './models/adapt.ts';
import { Home } from './models/home.ts';
import { Images } from './models/images.ts';
import { Import } from './models/import.ts';
import { pattern, plural, words } from './words.ts';

/** Every message of UX §6 on its cause, and what its buttons do. Told in the order of a project's life. */
const rater = 'me';
const tiny: Omit<RunOptions, 'project'> = {
  draws: 2,
  epochs: 3,
  size: 32,
  batch: 16,
  seeds: 1,
  regime: 'probe',
  shots: 4,
  maxImages: 16,
  leaveOut: ['platelet'],
};
/** Passes that go on until the run is stopped. */
const endless = 1000;
/** What goes wrong in the engine, as its children are started with it. */
const environment: NodeJS.ProcessEnv = { ACCLIMATE_FAULT: 'memory,nan,disk,device' };
/** The kernel can be told to refuse what core writes. */
const canRefuse = spawnSync('prlimit', ['--version']).status === 0;
const told = new Set<MessageCode>();

let app: App;
let id: string;
let folder: string;
let project: string;

const go = (place: string): Promise<unknown> =>
  app.page.goto(`${app.page.url().split('#')[0]}#/${place.replace('PROJECT', `p/${id}`)}`);
const status = () => app.core.call('projects.status', { project: id, rater });
const goneTo = (place: string): Promise<void> =>
  app.page.waitForURL((url) => decodeURIComponent(url.hash).includes(place));

/** The message, once it is there. */
async function tells(code: MessageCode): Promise<Locator> {
  const shown = app.page.locator(`[data-code="${code}"]`);
  await shown.first().waitFor();
  told.add(code);
  return shown.first();
}
const isOver = (code: MessageCode): Promise<void> =>
  app.page.locator(`[data-code="${code}"]`).first().waitFor({ state: 'detached' });
/** What can be done about it, by its words. */
function does(message: Locator, key: string, named: Record<string, string | number> = {}): Locator {
  const name = words(`messages.${key}`, named);
  return message.getByRole('button', { name }).or(message.getByRole('link', { name }));
}
async function downloaded(press: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([app.page.waitForEvent('download'), press()]);
  return readFileSync(await download.path(), 'utf8');
}
const cells = (): Locator => app.page.getByRole('grid').getByRole('gridcell');

/** Two classes of ten patients each, a third with one image, and a file that is none. */
function writeImages(to: string): void {
  for (const [name, count] of [
    ['basophil', 40],
    ['eosinophil', 30],
    ['platelet', 1],
  ] as const) {
    const from = join(root, 'resources/sample/images', name);
    mkdirSync(join(to, name), { recursive: true });
    const files = readdirSync(from).sort().slice(0, count);
    files.forEach((file, at) => cpSync(join(from, file), join(to, name, `P${at % 10}_${at}.jpg`)));
  }
  writeFileSync(join(to, 'basophil', 'P1_cut.jpg'), 'no image');
}

before(async () => {
  app = await startApp({ environment, isSmall: true });
  // Runs are short, but not where others compute as well.
  app.page.setDefaultTimeout(90_000);
  folder = join(app.folder, 'images');
  writeImages(folder);
  project = join(app.folder, 'project');
  await app.core.call('library.import', { folder, project, groups: 'P{group}_*' });
  ({ project: id } = await app.core.call('projects.open', { project, rater }));
});
after(() => app?.stop());

describe('messages', { timeout: 600_000 }, () => {
  test('a file that cannot be read', async () => {
    await go('PROJECT/images');
    const message = await tells('file.unreadable');
    assert.equal(
      await message.getByRole('paragraph').textContent(),
      plural('messages.file.unreadable', 1, { others: 71 }),
    );
    await does(message, 'actions.images.showUnreadable').click();
    await goneTo('unreadable');
    await cells().first().waitFor();
    await settled(app.page);
    assert.equal(await cells().count(), 1);
  });

  test('a file that changed after it was labelled', async () => {
    appendFileSync(join(folder, 'eosinophil', 'P0_0.jpg'), 'more');
    await app.core.call('library.rescan', { project: id });
    await does(await tells('file.changed'), 'actions.images.showChanged').click();
    await goneTo('changed');
    await cells().nth(1).waitFor({ state: 'detached' });
    await cells().first().waitFor();
    assert.equal((await status()).labels, 71, 'its label is kept');
  });

  test('the folder of images was taken away', async () => {
    const { page } = app;
    const away = join(app.folder, 'taken away');
    renameSync(folder, away);
    while (!(await status()).folderGone);
    await does(await tells('folder.gone'), 'titles.folder.gone.notice.dismiss').click();
    await isOver('folder.gone');
    await page.reload();
    await does(await tells('folder.gone'), 'actions.images.relink').click();
    await new Home(page).pick(away);
    await isOver('folder.gone');
    assert.equal((await status()).imagesFolder, away);
    renameSync(away, folder);
    await app.core.call('projects.relink', { project: id, folder });
  });

  test('too few labels, labels of one patient only, and one class in the crowd', async () => {
    const { page } = app;
    const adapt = new Adapt(page);
    await adapt.show();
    const one = await tells('groups.one');
    await does(one, 'actions.label.otherGroups').click();
    await goneTo('label/class:');
    await adapt.show();
    await does(await tells('groups.one'), 'actions.notice.dismiss').click();
    await isOver('groups.one');
    await tells('classes.imbalance');

    await adapt.primary.click();
    await does(await tells('labels.few'), 'actions.label.ofClass', { class: 'platelet' }).click();
    await goneTo('label/class:');
    await adapt.show();
    await adapt.primary.click();
    await (
      await tells('labels.few')
    )
      .getByRole('button', { name: words('adapt.missing.leaveOut', { class: 'platelet' }) })
      .click();
    await isOver('labels.few');
    await page.getByText(words('adapt.missing.leftOut', { class: 'platelet' })).waitFor();
  });

  test('a plan that memory does not suffice for', async () => {
    const { page } = app;
    await new Adapt(page).plan.waitFor();
    await page.getByRole('button', { name: words('adapt.expert.open') }).click();
    await page.getByRole('button', { name: words('adapt.expert.paste') }).click();
    await page.getByRole('textbox', { name: words('adapt.expert.json') }).fill('{"batch":1024,"size":1024}');
    await page.getByRole('button', { name: words('adapt.expert.use') }).click();
    const message = await tells('memory.start');
    await assert.rejects(
      app.core.call('runs.begin', { project: id, batch: 1024, size: 1024, leaveOut: ['platelet'] }),
      { code: 'memory.start' },
    );
    await does(message, 'actions.adapt.smaller').click();
    await isOver('memory.start');
    await settled(page);
    await new Adapt(page).plan.waitFor();
    await assertUsable(page);
  });

  test('memory, numbers, disk and device fail in one run, and it comes to its end', async () => {
    const { page } = app;
    await go('PROJECT/images');
    await app.core.call('runs.begin', { project: id, ...tiny });
    const full = await tells('disk.full');
    assert.doesNotMatch((await full.textContent()) ?? '', /[{}]/);
    for (const code of ['memory.out', 'train.nan'] as const) {
      await does(await tells(code), 'actions.run.details').click();
      await goneTo('/adapt');
      await go('PROJECT/images');
    }
    const { run } = await status();
    assert.ok((run?.disk?.clearable ?? 0) > 0);
    await full.getByRole('button', { name: words('messages.actions.storage.clear', { size: '' }).trim() }).click();
    while ((await status()).run?.disk?.clearable !== 0);
    await does(full, 'actions.run.continue').click();
    const lost = await tells('gpu.lost');
    await does(lost, 'titles.gpu.lost.run.continue').waitFor();
    await does(lost, 'actions.run.continueOnProcessor').click();
    await facts(page, '[data-project-state=results]');
    assert.equal((await app.core.call('settings.get', {})).settings.device, 'cpu');
  });

  test('nothing improves, and it made no difference', async () => {
    const { page } = app;
    await app.core.call('runs.begin', {
      project: id,
      ...tiny,
      epochs: endless,
      methodSettings: { learningRate: 1e-12, headRate: 0 },
    });
    await go('PROJECT/adapt');
    await does(await tells('train.stalled'), 'actions.adapt.stopAndUse').click();
    await facts(page, '[data-project-state=results]');
    await go('PROJECT/results');
    await does(await tells('result.noGain'), 'actions.results.summary').click();
    await page.getByRole('heading', { name: new RegExp(words('results.behind.all')) }).waitFor();
    await go('PROJECT/adapt');
    await does(await tells('classes.imbalance'), 'actions.results.classes').click();
    await goneTo('/classes');
  });

  test('labels while nothing can be written', { skip: !canRefuse && 'no prlimit here' }, async (t) => {
    const { page, host } = app;
    /** Bytes a file may grow to by what core writes: the kernel refuses the rest. */
    const mostBytes = (bytes: string): Buffer =>
      execFileSync('prlimit', ['--pid', String(host.pid('core')), `--fsize=${bytes}:unlimited`]);
    // Whatever fails here, those that come after can write.
    t.after(() => mostBytes('unlimited'));
    await go('PROJECT/images');
    await cells().first().waitFor();
    await settled(page);
    const label = async (at: number): Promise<void> => {
      await cells().nth(at).click();
      await page.keyboard.press('3');
    };
    // Names of folders are saved labels too, so it is this one that must be seen saved.
    const { savedSeq } = await status();
    await label(0);
    await facts(page, `[data-saved-seq="${savedSeq + 1}"]`);
    const before = await status();
    mostBytes('0');
    await label(1);
    await tells('disk.labelFail');
    await label(2);
    await page.getByText(plural('app.status.unsaved', 2)).waitFor();
    const message = await tells('disk.labelFail');
    assert.equal(await message.getByRole('paragraph').textContent(), plural('messages.disk.labelFail', 2));
    assert.equal(await page.locator('[data-code="disk.labelFail"]').count(), 1, 'told in one place');
    const table = await downloaded(() => does(message, 'actions.labels.saveElsewhere').click());
    const mine = table.split('\n').filter((line) => line.split(',')[3] === rater);
    assert.equal(mine.length, 3, 'those that wait are in the file');
    await message.waitFor();
    assert.equal((await status()).savedSeq, before.savedSeq);
    mostBytes('unlimited');
    await isOver('disk.labelFail');
    const later = await status();
    assert.equal(later.unsaved, 0);
    assert.equal(later.savedSeq, before.savedSeq + 2);
    const { ok, problems } = await app.core.call('audit.verify', { project: id });
    assert.ok(ok, problems[0]?.sentence);
  });

  test('Acclimate is closed while it adapts', async () => {
    const { page, core } = app;
    const labels = (await status()).savedSeq;
    await core.call('runs.begin', { project: id, ...tiny, epochs: endless });
    await go('PROJECT/adapt');
    await facts(page, '[data-project-state=adapting]');
    while (!(await status()).run?.savedAt);
    environment['ACCLIMATE_FAULT'] = 'collapse,wrong';
    // So that there seems to be a device to try.
    environment['VK_ICD_FILENAMES'] = '/dev/null';
    environment['ACCLIMATE_NETWORK_FOLDER'] = join(app.folder, 'home');
    await app.restart();
    await go('PROJECT/images');
    const message = await tells('run.resume');
    assert.equal((await status()).savedSeq, labels, 'labels that waited for the disk are there');
    await does(message, 'titles.run.resume.run.continue').click();
  });

  test('all images look the same to the model', async () => {
    const { page } = app;
    const first = (await status()).run?.id;
    await does(await tells('train.collapsed'), 'actions.adapt.safer').click();
    // It has an id before its files are written, and those before it runs.
    const begun = async (): Promise<string | undefined> => {
      const { run } = await status();
      return run?.id === first || run?.state === 'planned' ? undefined : run?.id;
    };
    let second = await begun();
    while (second === undefined) second = await begun();
    const spec = (run: string | undefined) =>
      JSON.parse(readFileSync(join(project, 'runs', run ?? '', 'spec.json'), 'utf8')) as {
        size: number;
        views: string;
        method: { settings: { learningRate: number } };
      };
    assert.equal(spec(second).size, tiny.size, 'a run like the one that collapsed');
    assert.notEqual(spec(second).views, spec(first).views);
    assert.equal(spec(second).method.settings.learningRate, spec(first).method.settings.learningRate / 2);
    await facts(page, '[data-project-state=stopped]');
    await go('PROJECT/images');
    await does(await tells('train.collapsed'), 'actions.adapt.usePlain').click();
    await goneTo(`/apply/${second}/review`);
  });

  test('images unlike the training images are listed first', async () => {
    const { page } = app;
    await facts(page, '[data-project-state=applied]');
    await does(await tells('predict.unlike'), 'actions.apply.unlike').click();
    await page.getByRole('grid', { name: pattern('apply.unlike.head') }).waitFor();
  });

  test('images that nobody reviewed are exported', async () => {
    const { page, core } = app;
    await facts(page, '[data-project-state=applied]');
    const { batches } = await core.call('apply.list', { project: id, rater });
    await core.call('apply.threshold', { project: id, rater, batch: batches[0]!.batch, threshold: 1, class: null });
    await page.getByRole('tab', { name: words('apply.tabs.export') }).click();
    const message = await tells('export.unreviewed');
    const table = await downloaded(() => does(message, 'actions.apply.exportNow').click());
    assert.match(table, /,undecided,/);
    await does(message, 'actions.apply.review').click();
    await goneTo('/review');
  });

  test('the engine is gone for good in a run, which is given up', async () => {
    const { page, core, host } = app;
    await core.call('runs.begin', { project: id, ...tiny, epochs: endless });
    await facts(page, '[data-project-state=adapting]');
    process.kill(host.pid('engine')!, 'SIGKILL');
    await does(await tells('run.resume'), 'actions.run.discard').click();
    await isOver('run.resume');
    assert.equal((await core.call('runs.list', { project: id })).runs[0]?.state, 'cancelled');
  });

  test('a graphics chip that computes wrong numbers', async () => {
    const { page } = app;
    await go('settings/device');
    await page.getByRole('button', { name: words('settings.device.run') }).click();
    const message = await tells('gpu.wrong');
    await page.getByText(words('settings.device.wrong')).waitFor();
    await go('');
    await does(message, 'actions.device.details').click();
    await goneTo('settings/device');
  });

  test('weights that want to run something are refused; others are brought, listed and removed', async () => {
    const { page } = app;
    const brought = join(app.folder, 'brought');
    mkdirSync(brought);
    const system = pickle(called(name('os', 'system'), text('true')));
    writeFileSync(join(brought, 'hostile.pth'), zip({ name: 'x/data.pkl', bytes: system }));
    const shipped = new URL('../../resources/backbones/efficientnet-lite0.fp16.safetensors', import.meta.url);
    copyFileSync(shipped, join(brought, 'efficientnet_lite0.safetensors'));
    await go('settings/weights');
    const panel = page.getByRole('dialog');
    const choose = async (file: string): Promise<void> => {
      await page.getByRole('button', { name: words('settings.weights.choose') }).click();
      await panel.getByRole('textbox').fill(brought);
      await panel.getByRole('textbox').press('Enter');
      await panel.getByRole('button', { name: file }).click();
      await page.locator('[data-file]', { hasText: file }).waitFor();
    };
    const check = page.getByRole('button', { name: words('settings.weights.import') });
    await page.getByText(words('settings.weights.none')).waitFor();
    await choose('hostile.pth');
    await page.getByLabel(words('settings.weights.backbone'), { exact: true }).selectOption('resnet18');
    await check.click();
    const message = page.locator('.notice[data-code="weights.unsafe"]');
    await message.getByText(/hostile\.pth names os\.system/).waitFor();
    await message.getByRole('button', { name: words('app.dismiss') }).click();
    await choose('efficientnet_lite0.safetensors');
    await page.getByRole('textbox', { name: words('settings.weights.licence') }).fill('Apache-2.0');
    await page.getByRole('textbox', { name: words('settings.weights.source') }).fill('timm');
    await check.click();
    const row = page.locator('[data-weights="efficientnet-lite0"]');
    await row.getByText('Apache-2.0').waitFor();
    await page.locator('[data-done]').waitFor();
    await assertUsable(page);
    await row.getByRole('button', { name: /efficientnet_lite0/ }).click();
    await page.getByText(words('settings.weights.none')).waitFor();
  });

  test('a project on a network folder', async () => {
    const { page } = app;
    const home = new Home(page);
    await home.openFolder(folder);
    await new Import(page).looked();
    const message = await tells('project.network');
    await does(message, 'actions.import.localFolder').click();
    await home.pick(app.folder);
    await isOver('project.network');
  });

  test('the audit trail was changed', async () => {
    const { page } = app;
    await go('PROJECT/images');
    await settled(page);
    const db = new Database(join(project, 'project.db'));
    db.exec(`DROP TRIGGER audit_fixed; UPDATE audit SET payload = replace(payload, 'imported', 'ana') WHERE seq = 2`);
    db.close();
    await go('settings/diagnostics');
    await page.getByRole('button', { name: words('settings.diagnostics.verify') }).click();
    const message = await tells('audit.broken');
    assert.doesNotMatch((await message.textContent()) ?? '', /[{}]/);
    const report = await downloaded(() => does(message, 'actions.audit.save').click());
    assert.match(report, /Entry 2 .* was changed/);
    await message.waitFor();
  });

  test('another Acclimate holds the project, and then a newer one has used it', async () => {
    const { page } = app;
    await app.restart();
    const other = startHost();
    await other.connect().call('projects.open', { project, rater });
    await go('PROJECT/images');
    await does(await tells('project.locked'), 'actions.project.openAgain').click();
    await settled(page);
    await does(await tells('project.locked'), 'actions.project.look').click();
    await new Images(page).grid.waitFor();
    assert.equal((await status()).readOnly, true);
    await other.stop();
    const db = new Database(join(project, 'project.db'));
    db.pragma('user_version = 99');
    db.close();
    await page.reload();
    await does(await tells('db.future'), 'actions.project.backups').click();
    await goneTo('settings/storage');
    await page.locator('[data-backup]').first().waitFor();
    await assertUsable(page);
  });

  test('no message was left out', () => {
    const all = Object.keys(messages).filter((code) => canRefuse || code !== 'disk.labelFail');
    assert.deepEqual([...told].sort(), all.sort());
    assert.deepEqual(app.seen.outside, []);
  });
});
