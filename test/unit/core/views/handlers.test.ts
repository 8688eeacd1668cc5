import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { z } from 'zod';
import { coreCalls, type CoreCalls } from '../../../../src/contract/core-calls.ts';
import { ownSeat } from '../../../../src/contract/seat.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { handlers as libraryHandlers } from '../../../../src/core/library/handlers.ts';
import { handlers as pictureHandlers } from '../../../../src/core/thumbnails/handlers.ts';
import { handlers as viewHandlers } from '../../../../src/core/views/handlers.ts';
import type { CallContext } from '../../../../src/rpc/types.ts';
import { failsWith, picture, places, put } from '../library-tools.ts';
import { tilesOf } from './tools.ts';

after(() => closeProjects());
const table = { ...viewHandlers(), ...pictureHandlers(), ...libraryHandlers({ emit: () => {} }) };
const quiet: CallContext = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };

/** A call as it arrives and leaves: both sides parsed by the contract. */
async function call<K extends keyof typeof table & keyof CoreCalls>(
  name: K,
  input: z.input<CoreCalls[K]['input']>,
): Promise<z.output<CoreCalls[K]['output']>> {
  const { input: asked, output } = coreCalls[name];
  const handler = table[name] as (input: unknown, context: CallContext) => Promise<unknown>;
  return output.parse(await handler(asked.parse(input), quiet)) as z.output<CoreCalls[K]['output']>;
}

test('from a folder to a grid of pictures, by the calls of the contract', async (t) => {
  const where = places(t);
  for (let i = 0; i < 30; i++) put(where.images, `P${i % 3}_${i}.png`, picture(i));
  const project = where.project;
  await call('library.import', { folder: where.images, project, groups: 'P{group}_*', layout: 'flat' });
  const seat = { project, rater: 'ana' };
  const { view, count, groupStarts } = await call('view.open', { ...seat, groupBy: 'group' });
  assert.deepEqual([count, groupStarts.byteLength], [30, 12]);
  const { groups } = await call('view.groups', { ...seat, view, from: 1, count: 512 });
  assert.deepEqual(groups, [
    { name: '1', images: 10, labelled: 0 },
    { name: '2', images: 10, labelled: 0 },
  ]);
  const tiles = tilesOf((await call('view.window', { ...seat, view, from: 5, count: 512 })).tiles);
  assert.equal(tiles.length, 25);
  const [tile] = tiles;
  assert.deepEqual(await call('view.find', { ...seat, view, image: tile!.id }), { at: 5 });
  assert.deepEqual(await call('view.find', { ...seat, view, image: 4000 }), { at: null });
  assert.deepEqual((await call('view.ticks', { ...seat, view, most: 2 })).ticks, [
    { at: 0, text: '0' },
    { at: 10, text: '1' },
  ]);
  assert.deepEqual(
    await call('view.count', {
      ...seat,
      view,
      ranges: [
        [0, 4],
        [28, 90],
      ],
    }),
    { images: 6, labelled: 0 },
  );
  const facets = await call('view.facets', { ...seat, filter: { groups: ['0'] } });
  assert.deepEqual([facets.unlabelled, facets.groups.length], [10, 3]);

  const { bytes, type } = await call('images.bytes', { project, image: tile!.id, kind: 'thumb', key: tile!.key });
  assert.ok(type === 'image/jpeg' && bytes.length > 100);
  for (const key of [tiles[1]!.key, '', '../../../../etc/passwd']) {
    await assert.rejects(call('images.bytes', { project, image: tile!.id, kind: 'view', key }), failsWith('image.key'));
  }
  assert.equal((await call('images.details', { ...seat, image: tile!.id })).key, tile!.key);
  assert.equal((await call('images.search', { ...seat, text: 'P1_1.png' })).images.length, 1);
  put(where.images, 'P0_99.png', picture(99));
  assert.deepEqual(await call('library.rescan', { project }), { added: 1, gone: 0, changed: 0 });
  assert.equal((await call('view.open', seat)).count, 31);
  await call('view.close', { ...seat, view });
  await assert.rejects(call('view.window', { ...seat, view, from: 0, count: 1 }), failsWith('view.unknown'));
});
