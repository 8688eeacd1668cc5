import type { Locator, Page } from 'playwright-core';
import { settled, type Story } from '../app.ts';
import { pattern, words } from '../words.ts';

/** The list of projects, the ways in, and the panel that stands for the system's folder picker in a browser. */
export class Home {
  readonly #page: Page;
  readonly #answer: Story['answer'];

  constructor(page: Page, answer?: Story['answer']) {
    this.#page = page;
    this.#answer = answer;
  }

  get projects(): Locator {
    return this.#page.getByRole('list', { name: words('home.recent') }).getByRole('article');
  }

  async show(): Promise<void> {
    await this.#page.goto(`${this.#page.url().replace(/#.*$/, '')}#/`);
    await this.#page.getByRole('heading', { level: 1, name: words('app.places.home') }).waitFor();
    await settled(this.#page);
  }

  async openFolder(folder: string): Promise<void> {
    await this.show();
    const primary = this.#page.getByRole('banner').getByRole('button', { name: words('app.primary.none') });
    await this.pickAfter(folder, primary);
  }

  /** Presses a button that asks for a folder, and answers. */
  async pickAfter(folder: string, button: Locator): Promise<void> {
    await this.#answer?.(folder);
    await button.click();
    if (!this.#answer) await this.pick(folder);
  }

  async trySample(): Promise<void> {
    await this.#page.getByRole('button', { name: words('home.trySample') }).click();
    await this.#page.getByRole('heading', { level: 1, name: words('app.places.label') }).waitFor();
  }

  async open(name: string): Promise<void> {
    await this.show();
    await this.projects.getByRole('link', { name }).click();
  }

  /** Chooses a folder in the panel. */
  async pick(folder: string): Promise<void> {
    const panel = this.#page.getByRole('dialog', { name: words('app.picker.folder') });
    await settled(this.#page);
    await panel.getByRole('textbox', { name: words('app.picker.path') }).fill(folder);
    await panel.getByRole('button', { name: words('app.picker.go'), exact: true }).click();
    await settled(this.#page);
    await panel.getByText(pattern('app.picker.images')).waitFor();
    await panel.getByRole('button', { name: words('app.picker.choose') }).click();
    await panel.waitFor({ state: 'detached' });
  }
}
