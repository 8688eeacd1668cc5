import type { Locator, Page } from 'playwright-core';
import { settled } from '../app.ts';
import { pattern, words } from '../words.ts';

/** Who labels, and how far two of them agree. */
export class People {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Adds people in Settings; who is first labels at this computer if nobody did. */
  async add(...names: string[]): Promise<void> {
    await this.#page
      .getByRole('banner')
      .getByRole('link', { name: words('app.places.settings') })
      .click();
    await this.#page
      .getByRole('navigation', { name: words('settings.sections') })
      .getByRole('link', { name: words('settings.people.title') })
      .click();
    const section = this.#page.getByRole('region', { name: words('settings.people.title') });
    for (const name of names) {
      await section.getByRole('textbox', { name: words('settings.people.name'), exact: true }).fill(name);
      await section.getByRole('button', { name: words('settings.people.add') }).click();
      await section.getByRole('listitem').filter({ hasText: name }).waitFor();
      await settled(this.#page);
    }
  }

  /** The blind rating of the project that is open. */
  get rating(): Locator {
    return this.#page.getByRole('region', { name: words('label.queues.second') });
  }

  /** Shows the queue of the second rater. */
  async show(): Promise<void> {
    await this.#page
      .getByRole('navigation', { name: words('app.placesLabel') })
      .getByRole('link', { name: words('app.places.label') })
      .click();
    await this.#page.getByRole('combobox', { name: words('label.queues.label') }).selectOption('second');
    await this.rating.waitFor();
    await settled(this.#page);
  }

  /** Labels blind what somebody labelled before. */
  async start(of: string, images: number): Promise<void> {
    await this.rating.getByRole('combobox', { name: words('label.second.of') }).selectOption(of);
    const field = this.rating.getByRole('spinbutton', { name: words('label.second.images') });
    await field.fill(String(images));
    await field.press('Tab');
    await this.rating.getByRole('button', { name: words('label.second.start') }).click();
    await this.rating.getByText(pattern('label.second.blind', { done: 0, of: images })).waitFor();
    await settled(this.#page);
  }

  async end(): Promise<void> {
    await this.rating.getByRole('button', { name: words('label.second.end') }).click();
    await this.rating.getByRole('status').waitFor();
    await settled(this.#page);
  }

  /** What is said of how far they agree. */
  get agreement(): Locator {
    return this.rating.getByRole('status');
  }

  /** A cell of the grid of agreement: rows are what the first said. */
  cell(row: number, column: number): Locator {
    return this.rating.getByRole('table').locator('tbody tr').nth(row).locator('td').nth(column);
  }

  /** The pair of answers that is open, by its images. */
  pairs(first: string, second: string): Locator {
    return this.rating.getByRole('img', { name: words('label.second.pair', { first, second }) });
  }
}
