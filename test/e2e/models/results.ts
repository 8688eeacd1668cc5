import type { Locator, Page } from 'playwright-core';
import { settled } from '../app.ts';
import { pattern, words } from '../words.ts';

/** Whether it helped, and the images behind every number. */
export class Results {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async show(tab: 'summary' | 'classes' | 'confusions' = 'summary'): Promise<void> {
    await this.#page
      .getByRole('navigation', { name: words('app.placesLabel') })
      .getByRole('link', { name: words('app.places.results') })
      .click();
    await this.#page.getByRole('tab', { name: words(`results.tabs.${tab}`) }).click();
    await this.#page.getByRole('tabpanel', { name: words(`results.tabs.${tab}`) }).waitFor();
    await settled(this.#page);
  }

  /** The one filled button, when it says this. */
  button(says: 'apply' | 'stale'): Locator {
    return this.#page.getByRole('banner').getByRole('button', { name: pattern(`app.primary.${says}`) });
  }

  /** A cell of the confusions. */
  cell(truth: string, called: string): Locator {
    return this.#page
      .getByRole('grid', { name: words('results.confusions.label') })
      .getByRole('gridcell', { name: pattern('results.confusions.cell', { truth, called }) });
  }

  /** The images of a cell, once it is opened. */
  behind(truth: string, called: string): Behind {
    const title = words('results.behind.cell', { truth, called });
    return new Behind(this.#page.getByRole('region', { name: pattern('results.behind.title', { title }) }));
  }
}

/** Exactly the images a number counts. */
export class Behind {
  readonly strip: Locator;

  constructor(strip: Locator) {
    this.strip = strip;
  }

  get tiles(): Locator {
    return this.strip.getByRole('gridcell');
  }

  /** The tile at a place, from 1, when it has this label. */
  tile(label: string, at: number): Locator {
    return this.strip.getByRole('gridcell', { name: pattern('results.behind.tile', { label, at }) });
  }

  get firstFix(): Locator {
    return this.strip.getByText(words('results.firstFix'));
  }

  get undo(): Locator {
    return this.strip.getByRole('button', { name: new RegExp(`^${words('label.acts.undo')}`) });
  }
}
