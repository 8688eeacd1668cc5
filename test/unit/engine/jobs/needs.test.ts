import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { createServices } from '../../../../src/engine/jobs/default-services.ts';
import { needsOf } from '../../../../src/engine/jobs/needs.ts';

const services = createServices();
type Asked = Parameters<typeof needsOf>[1];
const of = (asked: Partial<Asked> = {}) =>
  needsOf(services, {
    backbone: 'efficientnet-lite0',
    method: { name: 'vicreg', settings: {} },
    views: 'any-orientation',
    size: 96,
    batch: 64,
    regimes: ['probe'],
    ...asked,
  });

/** What `npm run bench:methods` measured: of a process that does the step alone. */
const measured = z
  .object({ rows: z.array(z.object({ method: z.string(), megabytes: z.number() })) })
  .parse(JSON.parse(readFileSync(new URL('../../../../bench/results/methods.json', import.meta.url), 'utf8'))).rows;

test('what a step of each method takes is told within a third of what it took', async () => {
  assert.ok(measured.length > 10);
  for (const { method: name, megabytes } of measured) {
    // A student's step was measured; its first phase is `rotation`'s, which takes more.
    if (name === 'bownet') continue;
    const { memoryBytes } = await of({
      method: { name, settings: name === 'distill' ? { teacher: 'efficientnet-lite2' } : {} },
    });
    const share = memoryBytes / 1e6 / megabytes;
    assert.ok(share > 0.9 && share < 1.34, `${name}: ${share.toFixed(2)} of ${megabytes.toFixed(0)} MB`);
  }
});

test('a method of several trainings takes what its largest does', async () => {
  const [all, first] = await Promise.all(['bownet', 'rotation'].map((name) => of({ method: { name, settings: {} } })));
  assert.ok(all!.memoryBytes >= first!.memoryBytes);
});

test('it follows images at a time, their side, the backbone and small crops', async () => {
  const usual = await of();
  const twice = await of({ batch: 128 });
  const growth = (twice.memoryBytes - usual.memoryBytes) / 64;
  assert.ok(growth > 15e6 && growth < 30e6, `${growth} bytes an image`);
  assert.equal(twice.stateBytes, usual.stateBytes);
  const larger = await of({ size: 224 });
  assert.ok(larger.memoryBytes > 4 * usual.memoryBytes);
  const deep = await of({ backbone: 'bit-resnet101x1', size: 224 });
  assert.ok(deep.memoryBytes > 24e9, 'no laptop has that');
  assert.ok(deep.backboneBytes > 10 * usual.backboneBytes);
  assert.ok(deep.stateBytes > 3 * deep.backboneBytes);
  const swav = (settings: Record<string, number>) => of({ method: { name: 'swav', settings } });
  assert.ok((await swav({})).memoryBytes > 1.3 * (await swav({ smallCrops: 0 })).memoryBytes);
});

test('fine-tuning takes its share where few images are adapted at a time', async () => {
  const probe = await of({ batch: 4 });
  const full = await of({ batch: 4, regimes: ['probe', 'full'] });
  assert.ok(full.memoryBytes > probe.memoryBytes);
  assert.equal((await of({ regimes: ['full'] })).memoryBytes, (await of()).memoryBytes);
});
