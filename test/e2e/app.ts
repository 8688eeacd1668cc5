import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { CoreCalls, CoreEvents } from '../../src/contract/core-calls.ts';
import { fromText } from '../../src/rpc/json.ts';
import type { Client } from '../../src/rpc/types.ts';
import { startHost, type Host } from '../../src/server/host.ts';
import { startHttp, type Http } from '../../src/server/http.ts';
import { builtPage } from '../support/built-page.ts';
import { openBrowser, watch, type Watch } from './browser.ts';

/** The app as a user has it, in a browser or in its window: real core and engine, the built page, a fresh home. */
export interface Story {
  /** Another one after a restart of the window. */
  readonly page: Page;
  readonly folder: string;
  readonly core: Client<CoreCalls, CoreEvents>;
  readonly seen: Watch;
  pid(name: 'core' | 'engine'): number | undefined;
  /** Ends all of it and starts it again, as tomorrow morning. */
  restart(changes?: Overnight): Promise<void>;
  /** Somebody else labels: at a page of their own in a browser, in the window at the same one. */
  seat(rater: string): Promise<Seat>;
  /** Makes the system's folder picker answer, where there is one; in a browser a panel of the page is used. */
  answer?(folder: string): Promise<void>;
  /** @returns path of what a press on a button saved */
  saved(press: () => Promise<void>): Promise<string>;
  stop(): Promise<void>;
}
/** What is done while nothing runs. */
export interface Overnight {
  /** What its processes are started with from then on. */
  readonly environment?: NodeJS.ProcessEnv;
  meanwhile?(): Promise<void>;
}
export interface Seat extends Pick<Story, 'page' | 'seen'> {
  /** What core told the page, as it came. */
  readonly frames: unknown[];
}

export interface App extends Story {
  readonly host: Host;
  readonly http: Http;
  /** A page of its own with its own session. */
  another(url: string): Promise<Page>;
}

/** Facts of the body that tests wait on, never on time. */
export const facts = (page: Page, selector: string): Promise<void> =>
  page.locator(`body${selector}`).waitFor({ state: 'attached' });

/** Waits until everything the page asked for is answered. */
export const settled = (page: Page): Promise<void> => facts(page, '[data-connected=true][data-busy="0"]');

export interface AppOptions {
  /** What its processes are started with. */
  readonly environment?: NodeJS.ProcessEnv;
  /** How much of the page is seen, in its own pixels. */
  readonly viewport?: { width: number; height: number };
  /**
   * Small networks in place of those that ship: for tests of what the page and core do with a run, not of what it
   * computes.
   */
  readonly isSmall?: boolean;
}

const twinEngine = new URL('../support/twin-engine.ts', import.meta.url);

export async function startApp({
  environment = {},
  viewport = { width: 1280, height: 800 },
  isSmall = false,
}: AppOptions = {}): Promise<App> {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-story-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  // Settings and recent projects belong to the user, not to a test.
  const start = async (): Promise<Pick<App, 'host' | 'http' | 'core'>> => {
    // For good: a child that is started again takes it anew.
    Object.assign(process.env, { XDG_CONFIG_HOME: home, APPDATA: home, HOME: home, ...environment });
    const host = startHost(isSmall ? { entries: { engine: twinEngine } } : {});
    const http = await startHttp({ host, port: 0, pageFolder: builtPage(), roots: [folder] });
    const core = host.connect();
    await core.call('settings.change', { language: 'en' });
    return { host, http, core };
  };
  let running = await start();
  const end = async (): Promise<void> => {
    await running.http.close();
    await running.host.stop();
  };
  const browser: Browser = await openBrowser();
  const pages: BrowserContext[] = [];
  const open = async (): Promise<Page> => {
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
    pages.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    return page;
  };
  const visit = async (url: string): Promise<Seat> => {
    const other = await open();
    const frames: unknown[] = [];
    other.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(fromText(payload))));
    const seen = watch(other);
    await other.goto(url);
    await settled(other);
    return { page: other, seen, frames };
  };
  const page = await open();
  const seen = watch(page);
  await page.goto(running.http.url);
  await settled(page);
  return {
    page,
    folder,
    seen,
    get host() {
      return running.host;
    },
    get http() {
      return running.http;
    },
    get core() {
      return running.core;
    },
    async restart(changes = {}) {
      await page.goto('about:blank');
      await end();
      await changes.meanwhile?.();
      Object.assign(environment, changes.environment);
      running = await start();
      await page.goto(running.http.url);
      await settled(page);
    },
    pid: (name) => running.host.pid(name),
    another: async (url) => (await visit(url)).page,
    seat: (rater) => visit(running.http.link(rater)),
    async saved(press) {
      const download = page.waitForEvent('download');
      await press();
      return (await download).path();
    },
    async stop() {
      await browser.close();
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What is right needs no telling; and no part of a page lies in a frame. */
const rules: axe.RunOptions = {
  resultTypes: ['violations'],
  iframes: false,
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] },
};

/** Everybody can use what is on the screen. The checker is brought once per page: it takes as long as a check. */
export async function assertUsable(page: Page): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (options) => (globalThis as unknown as { axe: typeof axe }).axe.run(document, options),
    rules,
  );
  assert.deepEqual(
    violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 5).map(({ html }) => html) })),
    [],
  );
}

/** How every story ends: nothing left the computer, the policy held, and the screen can be used by everybody. */
export async function assertGoodEnd({ page, seen }: Pick<App, 'page' | 'seen'>): Promise<void> {
  await settled(page);
  await assertUsable(page);
  assert.deepEqual(seen.outside, [], 'requests that would leave this computer');
  assert.deepEqual(seen.complaints, [], 'what the policy or the page complained about');
}
