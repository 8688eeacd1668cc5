import type { TestContext } from 'node:test';
import type { z } from 'zod';
import { TILE_BYTES, viewInputSchema, type tileFlags as Flags, tileFlags } from '../../../../src/contract/view.ts';
import type { Project } from '../../../../src/core/db/open.ts';
import { sight } from '../../../../src/core/labels/visibility.ts';
import { heldView } from '../../../../src/core/views/held.ts';
import { facetsOf, openView } from '../../../../src/core/views/open.ts';
import { windowOf } from '../../../../src/core/views/window.ts';
import { importInto, picture, places, put } from '../library-tools.ts';

const never = new AbortController().signal;

/** Twenty images of four patients, `P1_00.png` to `P4_19.png`, without labels. */
export async function library(t: TestContext): Promise<Project> {
  const where = places(t);
  for (let i = 0; i < 20; i++) put(where.images, `P${(i % 4) + 1}_${String(i).padStart(2, '0')}.png`, picture(i));
  const { project } = await importInto(t, where, { groups: 'P{group}_*', layout: 'flat' });
  return project;
}

export interface Tile {
  readonly id: number;
  readonly key: string;
  readonly colour: readonly number[];
  readonly reason: number;
  readonly flags: (keyof typeof Flags)[];
  readonly class: number;
  readonly predicted: number;
  readonly probability: number;
  readonly shape: number;
}

export function tilesOf(bytes: Uint8Array): Tile[] {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / TILE_BYTES }, (_, i) => {
    const at = i * TILE_BYTES;
    const bits = data.getUint16(at + 20, true);
    return {
      id: data.getUint32(at, true),
      key: Buffer.from(bytes.subarray(at + 4, at + 16)).toString('base64url'),
      colour: [...bytes.subarray(at + 16, at + 19)],
      reason: bytes[at + 19]!,
      flags: (Object.keys(tileFlags) as (keyof typeof Flags)[]).filter((name) => (bits & tileFlags[name]) !== 0),
      class: data.getUint16(at + 22, true),
      predicted: data.getUint16(at + 24, true),
      probability: bytes[at + 26]!,
      shape: bytes[at + 27]!,
    };
  });
}

export type Asked = Omit<z.input<typeof viewInputSchema>, 'project' | 'rater'>;

export interface Opened {
  readonly view: number;
  readonly count: number;
  readonly labelled: number;
  readonly starts: number[];
  readonly tiles: Tile[];
  readonly ids: number[];
}

/** A view with all its tiles, as one rater gets them. */
export async function openFor(project: Project, rater: string, asked: Asked = {}): Promise<Opened> {
  const input = viewInputSchema.parse({ project: project.id, rater, ...asked });
  const { view, count, labelled, groupStarts } = await openView(project, input, never);
  const starts = [...new Int32Array(groupStarts.buffer, groupStarts.byteOffset, groupStarts.byteLength / 4)];
  const tiles = tilesOf(windowOf(project, heldView(project, rater, view), sight(project.db, rater), 0, 512));
  return { view, count, labelled, starts, tiles, ids: tiles.map(({ id }) => id) };
}

export const facetsFor = (project: Project, rater: string, asked: Asked = {}) =>
  facetsOf(project, viewInputSchema.parse({ project: project.id, rater, ...asked }), never);

export const fileOf = (project: Project, id: number): string =>
  String(project.db.prepare(`SELECT file FROM image WHERE id = ?`).pluck().get(id));
