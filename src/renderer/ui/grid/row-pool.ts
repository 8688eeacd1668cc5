import type { Tile } from '../../state/tiles.ts';
import { has } from '../../state/tiles.ts';
import { classLook } from '../class-look.ts';
import type { GridLayout } from './layout.ts';
import { PictureQueue } from './picture-queue.ts';

/** What tiles are drawn from. Asked anew at each drawing; nothing of it is reactive, a million tiles would be too many. */
export interface TileSource {
  tile(at: number): Tile | undefined;
  url(tile: Tile): string;
  /** Letters and place of a class, for its chip. */
  chip(id: number): { code: string; position: number } | undefined;
  isSelected(at: number): boolean;
  isCurrent(at: number): boolean;
  nameOf(at: number, tile: Tile | undefined): string;
  header(group: number): string;
}

interface Cell {
  readonly element: HTMLElement;
  readonly image: HTMLImageElement;
  readonly chip: HTMLElement;
  readonly marks: HTMLElement;
  at: number;
  shown: string;
  /** Of the picture it shows or waits for; empty without one. */
  url: string;
}
interface Row {
  readonly element: HTMLElement;
  readonly header: HTMLElement;
  readonly cells: Cell[];
  row: number;
  /** What it was drawn for last; -1 forces it to be drawn. */
  stamp: number;
}

const markSigns = [
  ['unreadable', '!'],
  ['gone', '!'],
  ['check', '⚖'],
  ['disagreement', '≠'],
  ['unsure', '?'],
  ['note', '✎'],
  ['changed', '↻'],
  ['confirmed', '✓'],
] as const;

/** What is drawn of a list. */
export interface Drawing {
  /** Rows from the first to the last. */
  readonly first: number;
  readonly last: number;
  /** Of these, the first and last that are seen: their pictures are asked for first. */
  readonly seen: readonly [number, number];
  /** What of the list is at the upper edge, in pixels. */
  readonly offset: number;
  /** Added to each place: a part of the list stands for the whole where that is too high for a page. */
  readonly shift: number;
  /** A row that stays though it is not on the screen: it has the focus. */
  readonly keep: number;
  readonly withPictures: boolean;
  /** Differs when any tile may show something else. */
  readonly stamp: number;
}

/** Rows are placed from a point that moves only in steps so large: what scrolls is one layer, not each row. */
const baseStep = 1_000_000;

/** Keeps the rows on the screen in the page and uses their elements again as they leave it. */
export class RowPool {
  readonly #layer: HTMLElement;
  readonly #rows = new Map<number, Row>();
  readonly #free: Row[] = [];
  readonly #pictures = new PictureQueue();
  #layout: GridLayout;
  #source: TileSource;
  #base = 0;
  #shown = '';

  constructor(host: HTMLElement, layout: GridLayout, source: TileSource) {
    this.#layer = document.createElement('div');
    this.#layer.className = 'grid-layer';
    this.#layer.role = 'presentation';
    host.append(this.#layer);
    this.#layout = layout;
    this.#source = source;
  }

  /** Other columns or sizes: every row is laid out anew. */
  relayout(layout: GridLayout): void {
    this.#layout = layout;
    this.#pictures.stop();
    for (const row of this.#rows.values()) this.#release(row);
    this.#rows.clear();
    for (const row of this.#free) row.element.remove();
    this.#free.length = 0;
  }

  /** While the stamp is the same, a row that is there already is not drawn again. */
  draw({ first, last, seen, offset, shift, keep, withPictures, stamp }: Drawing): void {
    const base = Math.floor(offset / baseStep) * baseStep;
    const isMoved = base !== this.#base;
    this.#base = base;
    const place = `translateY(${base + shift}px)`;
    if (place !== this.#shown) this.#layer.style.transform = this.#shown = place;
    for (const [number, row] of this.#rows) {
      if ((number < first || number > last) && number !== keep) {
        this.#rows.delete(number);
        this.#release(row);
      }
    }
    const rows = (from: number, to: number): number[] =>
      Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
    const wanted = [...rows(...seen), ...rows(seen[1] + 1, last), ...rows(first, seen[0] - 1)];
    if (keep >= 0 && (keep < first || keep > last) && keep < this.#layout.rows) wanted.push(keep);
    for (const number of wanted) {
      const known = this.#rows.get(number);
      const row = known ?? this.#take(number);
      if (!known || isMoved) row.element.style.transform = `translateY(${this.#layout.topOf(number) - base}px)`;
      // Rows that flew by without pictures are drawn again when it slows down.
      const now = withPictures ? stamp : -stamp - 2;
      if (row.stamp !== now) this.#fill(row, withPictures);
      row.stamp = now;
    }
    // Not before: a row that leaves becomes one that enters, and hiding and showing it costs more than all it shows.
    for (const row of this.#free) this.#hide(row);
    void this.#pictures.drain();
  }

  /** No picture is asked for any more. */
  stop(): void {
    this.#pictures.stop();
  }

  elementOf(at: number): HTMLElement | undefined {
    return this.#rows.get(this.#layout.rowOf(at))?.cells.find((cell) => cell.at === at)?.element;
  }

  #take(number: number): Row {
    const row = this.#free.pop() ?? this.#make();
    row.row = number;
    row.stamp = -1;
    if (row.element.hidden) row.element.hidden = false;
    row.element.ariaRowIndex = String(number + 1);
    this.#rows.set(number, row);
    return row;
  }

  #release(row: Row): void {
    for (const cell of row.cells) {
      cell.at = -1;
      cell.shown = '';
    }
    this.#free.push(row);
  }

  #hide({ element, cells }: Row): void {
    if (element.hidden) return;
    element.hidden = true;
    for (const cell of cells) {
      cell.element.tabIndex = -1;
      this.#picture(cell, '');
    }
  }

  #make(): Row {
    const element = document.createElement('div');
    element.className = 'grid-row';
    element.role = 'row';
    const header = document.createElement('div');
    header.className = 'grid-header';
    header.role = 'rowheader';
    header.ariaColIndex = '1';
    header.hidden = true;
    element.append(header);
    const cells = Array.from({ length: this.#layout.columns }, (_, column) =>
      // Where there are headers, they are the first column.
      makeCell(column + (this.#layout.isGrouped ? 2 : 1), this.#pictures.make()),
    );
    element.append(...cells.map((cell) => cell.element));
    this.#layer.append(element);
    return { element, header, cells, row: -1, stamp: -1 };
  }

  #fill(row: Row, withPictures: boolean): void {
    const [from, to] = this.#layout.rangeOf(row.row);
    const group = this.#layout.groupAt(row.row);
    row.header.hidden = group < 0;
    if (group >= 0) setText(row.header, this.#source.header(group));
    row.cells.forEach((cell, column) => {
      const at = from + column;
      cell.element.hidden = at >= to;
      if (at < to) this.#show(cell, at, withPictures);
      else this.#picture(cell, '');
    });
  }

  #show(cell: Cell, at: number, withPictures: boolean): void {
    const source = this.#source;
    const tile = source.tile(at);
    const { element } = cell;
    const isNew = cell.at !== at;
    cell.at = at;
    element.dataset['at'] = String(at);
    const selected = source.isSelected(at);
    const current = source.isCurrent(at);
    const pictured = tile !== undefined && withPictures && !has(tile, 'unreadable');
    const state = `${tile?.image ?? ''} ${tile?.flags ?? ''} ${tile?.class ?? ''} ${tile?.predicted ?? ''} ${selected} ${current} ${pictured} ${tile?.key ?? ''}`;
    if (!isNew && cell.shown === state) return;
    cell.shown = state;
    element.ariaSelected = String(selected);
    element.tabIndex = current ? 0 : -1;
    element.classList.toggle('current', current);
    element.classList.toggle('labelled', tile?.class !== null && tile !== undefined);
    element.setAttribute('aria-label', source.nameOf(at, tile));
    element.style.backgroundColor = tile?.colour ?? '';
    this.#picture(cell, pictured ? source.url(tile) : '');
    this.#chip(cell, tile);
  }

  #picture(cell: Cell, url: string): void {
    if (cell.url === url) return;
    cell.url = url;
    if (url) this.#pictures.put(cell.image, url);
    else this.#pictures.letGo(cell.image);
  }

  #chip(cell: Cell, tile: Tile | undefined): void {
    const { chip, marks } = cell;
    const known = tile?.class === null || tile === undefined ? undefined : this.#source.chip(tile.class);
    const mark = tile ? (has(tile, 'none') ? 'none' : has(tile, 'unsure') ? 'unsure' : null) : null;
    chip.hidden = known === undefined && mark === null;
    chip.className = `grid-chip ${mark ?? ''}`;
    if (known) {
      const look = classLook(known.position);
      chip.style.setProperty('--chip', look.fill);
      chip.style.setProperty('--on-chip', look.on);
      chip.classList.toggle('striped', look.striped);
      (chip.firstElementChild!.firstElementChild as SVGPathElement).setAttribute('d', look.shape);
      setText(chip.lastElementChild as HTMLElement, known.code);
    } else if (mark !== null) {
      chip.style.removeProperty('--chip');
      chip.style.removeProperty('--on-chip');
      (chip.firstElementChild!.firstElementChild as SVGPathElement).setAttribute('d', '');
      setText(chip.lastElementChild as HTMLElement, mark === 'none' ? '∅' : '?');
    }
    setText(marks, tile ? markSigns.flatMap(([flag, sign]) => (has(tile, flag) ? [sign] : [])).join('') : '');
  }
}

/** @param index of its column, from 1 */
function makeCell(index: number, image: HTMLImageElement): Cell {
  const element = document.createElement('div');
  element.className = 'grid-cell';
  element.role = 'gridcell';
  element.ariaColIndex = String(index);
  const chip = document.createElement('span');
  chip.className = 'grid-chip';
  chip.hidden = true;
  chip.ariaHidden = 'true';
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  shape.setAttribute('viewBox', '0 0 16 16');
  shape.append(document.createElementNS('http://www.w3.org/2000/svg', 'path'));
  chip.append(shape, document.createElement('span'));
  const marks = document.createElement('span');
  marks.className = 'grid-marks';
  marks.ariaHidden = 'true';
  element.append(image, chip, marks);
  return { element, image, chip, marks, at: -1, shown: '', url: '' };
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
