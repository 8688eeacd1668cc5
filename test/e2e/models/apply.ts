import type { Locator, Page } from 'playwright-core';
import { settled, type Story } from '../app.ts';
import { pattern, words } from '../words.ts';

/** What the model named, looked through and taken along. */
export class Apply {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async tab(name: 'review' | 'thresholds' | 'counts' | 'export'): Promise<void> {
    await this.#page.getByRole('tab', { name: new RegExp(`^${words(`apply.tabs.${name}`)}`) }).click();
    await this.#page.getByRole('tabpanel', { name: new RegExp(`^${words(`apply.tabs.${name}`)}`) }).waitFor();
    await settled(this.#page);
  }

  /** Every image has been named. */
  async named(): Promise<void> {
    await this.#page.getByRole('heading', { level: 1, name: words('app.places.apply') }).waitFor();
    await this.#page.getByRole('progressbar', { name: words('apply.naming.label') }).waitFor({ state: 'detached' });
    await settled(this.#page);
  }

  /** How many are named and how many are left, as the page says it. */
  async numbers(): Promise<{ named: number; toReview: number }> {
    await settled(this.#page);
    const text = (await this.#page.getByText(pattern('apply.numbers')).textContent()) ?? '';
    const [named = NaN, toReview = NaN] = text.match(/[\d,]+/g)?.map((part) => Number(part.replaceAll(',', ''))) ?? [];
    return { named, toReview };
  }

  /** Leaves undecided what is below a percentage, which ends in 0. */
  async threshold(percent: number): Promise<void> {
    const slider = this.#page.getByRole('slider', { name: words('apply.threshold.below') });
    await slider.focus();
    await slider.press('Home');
    for (let at = 50; at < percent; at += 10) await slider.press('PageUp');
    await settled(this.#page);
    await this.#page.getByText(`${percent}%`, { exact: true }).waitFor();
  }

  /** Shows the images that were called something, least sure first. */
  async called(name: string): Promise<void> {
    await this.#page
      .getByRole('group', { name: words('apply.review.classes') })
      .getByRole('button', { name: new RegExp(`\\b${name}\\b`) })
      .click();
    await settled(this.#page);
  }

  get tiles(): Locator {
    return this.#page.getByRole('grid', { name: pattern('apply.review.head') }).getByRole('gridcell');
  }

  /** Images nobody has said anything of. */
  open(called: string): Locator {
    return this.tiles.and(this.#page.getByRole('gridcell', { name: pattern('apply.review.tile', { called }) }));
  }

  get confirm(): Locator {
    return this.#page.getByRole('button', {
      name: new RegExp(`^${words('apply.review.confirm').split(' | ')[0]!.replace('{n}', '\\d+')}`),
    });
  }

  /** Looks at images, a row after the other, until so many count as seen or there are no more. */
  async look(called: string, wanted: number): Promise<number> {
    const open = this.open(called);
    const all = await open.count();
    const seen = async (): Promise<number> => Number((await this.confirm.textContent())?.match(/\d+/)?.[0]);
    for (let at = 0; at < all && (await seen()) < wanted; at++) {
      await open.nth(at).scrollIntoViewIfNeeded();
      const least = Math.min(at + 1, wanted);
      await this.#page.waitForFunction(
        ([button, least]) => Number((button as Element).textContent?.match(/\d+/)?.[0]) >= (least as number),
        [await this.confirm.elementHandle(), least] as const,
      );
    }
    return seen();
  }

  /** Confirms what counts as seen. @returns how many that were at the press: more may be seen a moment later */
  confirmSeen(): Promise<number> {
    return this.confirm.evaluate((button: HTMLButtonElement) => {
      const seen = Number(button.textContent?.match(/\d+/)?.[0]);
      button.click();
      return seen;
    });
  }

  /** It is told where it was done, with a way back. */
  async done(text: string): Promise<void> {
    await this.#page.getByRole('group', { name: text, exact: true }).waitFor();
  }

  /** Saves a table or the report. @returns where it is */
  async save(what: 'predictions' | 'labels' | 'counts' | 'report' | 'audit', saved: Story['saved']): Promise<string> {
    const name = `${words('apply.export.save')} ${words(`apply.export.what.${what}`)}`;
    return saved(() => this.#page.getByRole('button', { name, exact: true }).click());
  }
}
