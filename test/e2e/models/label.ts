import type { Locator, Page } from 'playwright-core';
import { settled } from '../app.ts';
import { pattern, words } from '../words.ts';

const labelCount = pattern('label.classes.count').source.slice(1);

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

  /** The image that is shown large. */
  get shown(): Locator {
    return this.image.getByRole('img', { name: new RegExp(pattern('grid.place').source.slice(1)) });
  }

  /** Id of the image that is shown, as its address has it. */
  async shownId(): Promise<number> {
    const address = (await this.shown.getAttribute('src')) ?? '';
    return Number(new URL(address, this.#page.url()).pathname.split('/')[3]);
  }

  get classes(): Locator {
    return this.#page.getByRole('complementary', { name: words('label.classes.title') });
  }

  /** What labels with a class. */
  class(name: string): Locator {
    return this.classes.getByRole('button', { name: new RegExp(`\\b${name}\\b.*${labelCount}`) });
  }

  get queue(): Locator {
    return this.#page.getByRole('combobox', { name: words('label.queues.label') });
  }

  get mode(): Locator {
    return this.#page.getByRole('group', { name: words('label.mode.label') });
  }

  /** Names a class, from the list or its key, without a pointer. */
  async addClass(name: string): Promise<void> {
    const field = this.classes.getByRole('textbox', { name: words('label.classes.add') });
    if (!(await field.isVisible()))
      await this.classes.getByRole('button', { name: words('label.classes.add') }).press('Enter');
    await field.fill(name);
    await field.press('Enter');
    await this.classes
      .getByRole('button', { name: new RegExp(`\\b${name}\\b`) })
      .first()
      .waitFor();
    await settled(this.#page);
  }

  /** Brings images that are likely of a class. */
  async likely(name: string): Promise<void> {
    await this.classes.getByRole('button', { name: words('label.classes.menu', { name }), exact: true }).click();
    await this.#page.getByRole('menuitem', { name: words('label.classes.likely') }).click();
    const title = words('label.queues.class', { name });
    await this.queue.locator('option:checked').filter({ hasText: title }).waitFor({ state: 'attached' });
    await this.seen();
  }

  /** The image is painted: a key counts now. */
  async seen(): Promise<void> {
    await this.image.waitFor();
    await settled(this.#page);
    await this.image.and(this.#page.locator('[aria-busy=false]')).waitFor();
  }

  /** Labels the image that is shown, once it is painted, and waits until that is on disk. */
  async key(key: string): Promise<void> {
    await this.seen();
    await this.saved(() => this.#page.keyboard.press(key));
  }

  /** Does something that is to be on disk when it is done. */
  async saved(act: () => Promise<void>): Promise<void> {
    const before = Number(await this.#page.locator('body').getAttribute('data-saved-seq'));
    await act();
    await this.#page.waitForFunction(
      (before) => Number(document.body.dataset['savedSeq']) > before && document.body.dataset['busy'] === '0',
      before,
    );
  }

  /** Goes on to the next images when all of these have a label. The image that is shown is then the one a key is for. */
  async wantMore(): Promise<void> {
    const text = (await this.#page.getByText(pattern('label.batch')).textContent()) ?? '';
    const [done, of] = [...text.matchAll(/\d+/g)].map(Number);
    if (done === of) await this.nextBatch();
    else await this.seen();
  }

  async nextBatch(): Promise<void> {
    await this.#page.keyboard.press('.');
    await this.#page.getByText(new RegExp(`^${words('label.batch', { done: 0 }).split('{')[0]}`)).waitFor();
    await this.seen();
  }
}
