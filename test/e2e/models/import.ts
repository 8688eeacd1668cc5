import type { Locator, Page } from 'playwright-core';
import { settled } from '../app.ts';
import { words } from '../words.ts';

/** What was found in a folder, and what of it becomes a project. */
export class Import {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async looked(): Promise<void> {
    await this.#page.getByRole('region', { name: words('import.found') }).waitFor();
    await this.#page.getByRole('progressbar', { name: words('import.looking') }).waitFor({ state: 'detached' });
    await settled(this.#page);
  }

  folder(name: string): Locator {
    return this.#page.getByRole('list', { name: words('import.folders') }).getByRole('checkbox', { name, exact: true });
  }

  get leftOut(): Locator {
    return this.#page.getByRole('region', { name: words('import.leftOut') });
  }

  get groups(): Locator {
    return this.#page.getByRole('region', { name: words('import.groups.title') });
  }

  /** Folders whose images are only learned from. */
  get further(): Locator {
    return this.#page.getByRole('list', { name: words('import.further') }).getByRole('listitem');
  }

  get addFolder(): Locator {
    return this.#page.getByRole('button', { name: words('import.addFolder') });
  }

  leaveOut(folder: string): Locator {
    return this.further.getByRole('button', { name: `${words('import.removeFurther')}: ${folder}`, exact: true });
  }

  column(name: 'file' | 'label' | 'rater'): Locator {
    return this.#page.getByRole('combobox', { name: words(`import.columns.${name}`), exact: true });
  }

  async layout(name: 'class-per-folder' | 'labels-file' | 'flat'): Promise<void> {
    await this.#page.getByRole('radio', { name: words(`import.layouts.${name}`) }).check();
    await settled(this.#page);
  }

  /** Imports, and waits until every file has been read. */
  async start(): Promise<void> {
    await this.looked();
    await this.#page
      .getByRole('banner')
      .getByRole('button', { name: words('app.primary.startLooking') })
      .click();
    await this.#page.getByRole('heading', { level: 1, name: words('app.places.images') }).waitFor();
    await this.#page
      .locator('body:not([data-project-state=none]):not([data-project-state=scanning])')
      .waitFor({ state: 'attached' });
    await settled(this.#page);
  }
}
