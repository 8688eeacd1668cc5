import type { Locator, Page } from 'playwright-core';
import { words } from '../words.ts';

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
    return this.#page.getByRole('banner').getByRole('button', { name: words('app.primary.ready') });
  }

  /** What is missing before a run can start. */
  get missing(): Locator {
    return this.#page.getByRole('group', { name: words('adapt.missing.title') });
  }

  /** What a run will do, timed on this computer. */
  get plan(): Locator {
    return this.#page.getByRole('heading', { name: words('adapt.plan.title') });
  }
}
