import type { Locator, Page } from 'playwright-core';
import { pattern, words } from '../words.ts';

/** The place where a run is planned, begun and watched. */
export class Adapt {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async show(): Promise<void> {
    await this.#page
      .getByRole('navigation', { name: words('app.placesLabel') })
      .getByRole('link', { name: words('app.places.adapt') })
      .click();
    await this.#page.getByRole('heading', { level: 1, name: words('app.places.adapt') }).waitFor();
  }

  /** The one filled button, when it says that a run can begin. */
  get primary(): Locator {
    return this.button('ready');
  }

  /** The one filled button, when it says this. */
  button(says: 'ready' | 'pause' | 'paused' | 'interrupted' | 'adapting' | 'results'): Locator {
    return this.#page.getByRole('banner').getByRole('button', { name: pattern(`app.primary.${says}`) });
  }

  /** What is missing before a run can start. */
  get missing(): Locator {
    return this.#page.getByRole('group', { name: words('adapt.missing.title') });
  }

  /** What a run will do, timed on this computer. */
  get plan(): Locator {
    return this.#page.getByRole('heading', { name: words('adapt.plan.title') });
  }

  /** A run that is under way, or stands still. */
  get running(): Locator {
    return this.#page.getByRole('region', { name: words('adapt.run.title') });
  }

  /** Where a run is, in passes. */
  pass(pass: number): Locator {
    return this.running.getByText(pattern('adapt.run.pass', { pass }));
  }

  /** Gives a run settings of one's own, pasted into the drawer. */
  async setExpert(settings: object): Promise<void> {
    await this.plan.waitFor({ timeout: 120_000 });
    await this.#page.getByRole('button', { name: new RegExp(`^${words('adapt.expert.open')}`) }).click();
    const drawer = this.#page.getByRole('complementary', { name: words('adapt.expert.title') });
    await drawer.getByRole('button', { name: words('adapt.expert.paste') }).click();
    await drawer.getByRole('textbox', { name: words('adapt.expert.json') }).fill(JSON.stringify(settings));
    await drawer.getByRole('button', { name: words('adapt.expert.use') }).click();
    const differing = Object.keys(settings).length;
    await drawer.getByText(pattern('adapt.expert.differs', { n: differing })).waitFor();
  }

  /** Notes each percentage the bar shows from now on, in whatever place it is looked at again. */
  async noteProgress(): Promise<() => Promise<number[]>> {
    await this.#page.evaluate((name) => {
      const seen: number[] = [];
      const note = (): void => {
        const bar = document.querySelector(`[role=progressbar][aria-label="${name}"]`);
        const value = bar?.getAttribute('aria-valuenow');
        if (value && Number(value) !== seen.at(-1)) seen.push(Number(value));
      };
      new MutationObserver(note).observe(document.body, {
        subtree: true,
        childList: true,
        attributeFilter: ['aria-valuenow'],
      });
      Object.assign(window, { seenProgress: seen });
    }, words('adapt.run.title'));
    return () => this.#page.evaluate(() => (window as unknown as { seenProgress: number[] }).seenProgress);
  }
}
