import type { Locator, Page } from 'playwright-core';
import { settled } from '../app.ts';
import { pattern, plural, words } from '../words.ts';

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

  /** Everything known of an image that is opened closely. */
  async open(name: string | RegExp): Promise<Locator> {
    await this.cell(name).first().dblclick();
    const facts = this.#page.getByRole('complementary', { name: words('images.viewer.facts') });
    await facts.waitFor();
    await settled(this.#page);
    return facts;
  }

  /** A number of the status bar, once it is this one. */
  async counts(what: 'images' | 'labels', n: number): Promise<void> {
    await this.#page
      .getByRole('contentinfo')
      .getByRole('link', { name: plural(`app.status.${what}`, n) })
      .waitFor();
  }

  get selection(): Locator {
    return this.#page.getByRole('toolbar', { name: words('label.bar.label') });
  }

  /** So many are selected; none when it is 0. */
  async selected(n: number): Promise<void> {
    if (n === 0) await this.selection.waitFor({ state: 'detached' });
    else await this.selection.getByText(plural('images.selected', n), { exact: true }).waitFor();
  }

  /** The middle of the tile at a place, from 1. */
  async middleOf(at: number): Promise<{ x: number; y: number }> {
    const box = await this.cell(new RegExp(`, ${at} of \\d+$`)).boundingBox();
    if (!box) throw new Error(`the tile at ${at} is not on the screen`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  async columns(): Promise<number> {
    return Number(await this.grid.getAttribute('aria-colcount'));
  }
}
