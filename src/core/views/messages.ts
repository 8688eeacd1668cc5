import type { MapColouring } from '../../contract/calls/map.ts';
import type { Filter, MapPart, Sort, ViewSource } from '../../contract/view.ts';
import type { SightFacts } from '../labels/visibility.ts';

/** A list of images that is asked for: `ids` come in the order of their source, or null stands for the library. */
export interface Choice {
  readonly sight: SightFacts;
  readonly ids: Int32Array | null;
  readonly filter: Filter;
  readonly sort: Sort;
  /** Order for a sort that comes from elsewhere: all ids it knows. */
  readonly order: Int32Array | null;
  readonly groupBy: string | null;
}
export interface Chosen {
  readonly ids: Int32Array<SharedArrayBuffer>;
  readonly labelled: number;
  /** Empty without grouping. */
  readonly starts: Int32Array;
  readonly names: readonly string[];
}
export interface ReviewChoice {
  readonly batch: number;
  readonly called: number | null;
  readonly part: Extract<ViewSource, { kind: 'review' }>['part'];
  readonly group: string | null;
}
export interface Facets {
  classes: { id: number; count: number }[];
  marks: Record<string, number>;
  labelled: number;
  unlabelled: number;
  notes: number;
  check: number;
  unreadable: number;
  groups: { name: string; count: number }[];
  reportBy: string[];
  predicted: { id: number; count: number }[];
}

/** What the query thread is asked; each answers with the type beside it. */
export interface Queries {
  choose: { ask: Choice; answer: Chosen };
  review: { ask: ReviewChoice; answer: Int32Array };
  facets: { ask: Choice; answer: Facets };
  /** How many images of each range `[from, to)` of a list are labelled. */
  count: {
    ask: { sight: SightFacts; ids: Int32Array<SharedArrayBuffer>; ranges: readonly (readonly [number, number])[] };
    answer: Int32Array;
  };
  /** Images of part of a map, by the file it is kept in. */
  mapPart: { ask: { file: string; part: MapPart }; answer: Int32Array };
  /** What each point of a map is coloured by, as the contract numbers it. */
  mapColours: {
    ask: { file: string; sight: SightFacts; by: MapColouring };
    answer: { values: Uint16Array; names: string[] };
  };
  /** Images whose name holds a text: those that begin with it first. */
  search: { ask: { text: string; most: number }; answer: Int32Array };
}
export type QueryKind = keyof Queries;
export type Question = { [K in QueryKind]: { id: number; kind: K; ask: Queries[K]['ask'] } }[QueryKind];
