import type { Locator, Page } from 'playwright-core';
import { settled } from '../app.ts';
import { pattern, words } from '../words.ts';

/** The grid of all images. */
export class Images {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async show(): Promise<void> {
    await this.#page
      .getByRole('navigation', { name: words('app.placesLabel') })
      .getByRole('link', { name: words('app.places.images') })
      .click();
    await this.grid.waitFor();
    await settled(this.#page);
  }

  get grid(): Locator {
    return this.#page.getByRole('grid', { name: pattern('images.grid') });
  }

  cell(name: string | RegExp): Locator {
    return this.grid.getByRole('gridcell', { name });
  }

  /** Numbers of the status bar. */
  status(what: 'images' | 'labels'): Locator {
    return this.#page.getByRole('contentinfo').getByText(pattern(`app.status.${what}`));
  }
}
