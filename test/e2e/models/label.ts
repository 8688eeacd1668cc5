import type { Locator, Page } from 'playwright-core';
import { settled } from '../app.ts';
import { pattern, words } from '../words.ts';

/** The place where images get their labels. */
export class Label {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async show(): Promise<void> {
    await this.#page
      .getByRole('navigation', { name: words('app.placesLabel') })
      .getByRole('link', { name: words('app.places.label') })
      .click();
    await this.seen();
  }

  get image(): Locator {
    return this.#page.getByRole('region', { name: words('label.focus.title') });
  }

  get grid(): Locator {
    return this.#page.getByRole('grid', { name: pattern('label.grid') });
  }

  /** Of the image that is shown large: what it is called, and which of how many it is. */
  get shown(): Locator {
    return this.image.getByRole('img', { name: pattern('grid.place') }).or(this.image.getByRole('img').first());
  }

  get classes(): Locator {
    return this.#page.getByRole('complementary', { name: words('label.classes.title') });
  }

  get queue(): Locator {
    return this.#page.getByRole('combobox', { name: words('label.queues.label') });
  }

  /** The image is painted: a key counts now. */
  async seen(): Promise<void> {
    await this.image.and(this.#page.locator('[aria-busy=false]')).waitFor();
    await settled(this.#page);
  }

  /** Labels the image that is shown, once it is painted, and waits until that is on disk. */
  async key(key: string): Promise<void> {
    await this.seen();
    const before = Number(await this.#page.locator('body').getAttribute('data-saved-seq'));
    await this.#page.keyboard.press(key);
    await this.#page.waitForFunction(
      (before) => Number(document.body.dataset['savedSeq']) > before && document.body.dataset['busy'] === '0',
      before,
    );
  }
}
