/**
 * How far thumbprints of the same picture (saved again, scaled) lie from each other, beside how far different
 * pictures of a folder lie from their nearest neighbour: what the tolerances in src/core/library/families.ts rest on.
 *   node bench/duplicates.ts <folder of images>
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { findFamilies, type Look } from '../src/core/library/families.ts';
import { scanFolder } from '../src/core/library/scan.ts';
import { createImagePool, type ImagePool } from '../src/images/pool.ts';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node bench/duplicates.ts <folder of images>');

async function looksOf(pool: ImagePool, paths: readonly string[]): Promise<Look[]> {
  const looks: Look[] = [];
  for await (const outcome of pool.inspectMany(paths.map((path) => ({ path })))) {
    if (!outcome.ok) continue;
    const { hash, width, height, thumbprint, meanColour } = outcome.value;
    const [red, green, blue] = meanColour;
    looks.push({ id: outcome.index, hash, width, height, thumbprint, red, green, blue });
  }
  return looks.sort((a, b) => a.id - b.id);
}

function difference(a: Look, b: Look): { mean: number; greatest: number } {
  let [sum, greatest] = [0, 0];
  for (let i = 0; i < 256; i++) {
    const apart = Math.abs((a.thumbprint[i] as number) - (b.thumbprint[i] as number));
    sum += apart;
    greatest = Math.max(greatest, apart);
  }
  return { mean: sum / 256, greatest };
}

const quantile = (values: readonly number[], q: number): number =>
  Number((values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? NaN).toFixed(2));

const scratch = mkdtempSync(join(tmpdir(), 'acclimate-bench-'));
const pool = createImagePool({ size: 2 });
try {
  const paths = scanFolder(folder).files.map(({ file }) => join(folder, file));
  const looks = await looksOf(pool, paths);
  const step = Math.max(1, Math.floor(looks.length / 300));
  const sample = looks.filter((_, i) => i % step === 0);

  const nearest = sample.map((a) =>
    Math.min(...looks.filter((b) => b.hash !== a.hash).map((b) => difference(a, b).mean)),
  );
  const started = performance.now();
  const families = findFamilies(looks);
  const seconds = (performance.now() - started) / 1000;

  const variants = {
    'JPEG quality 50': (image: Sharp) => image.jpeg({ quality: 50 }),
    'half the size': (image: Sharp) => image.resize({ width: 64, height: 64, fit: 'inside' }).png(),
  };
  const again: Record<string, unknown> = {};
  for (const [name, change] of Object.entries(variants)) {
    const files = sample.map(({ id }) => join(scratch, `${name} ${id}`));
    for (const [i, { id }] of sample.entries()) await change(sharp(paths[id])).toFile(files[i] as string);
    const changed = await looksOf(pool, files);
    const pairs = changed.map((look) => [sample[look.id] as Look, look] as const);
    const apart = pairs.map(([a, b]) => difference(a, b));
    const found = pairs.filter(
      ([a, b]) =>
        findFamilies([
          { ...a, id: 0 },
          { ...b, id: 1 },
        ]).size === 2,
    ).length;
    again[name] = {
      mean99: quantile(
        apart.map(({ mean }) => mean),
        0.99,
      ),
      greatest99: quantile(
        apart.map(({ greatest }) => greatest),
        0.99,
      ),
      found: Number((found / pairs.length).toFixed(3)),
    };
  }
  console.log(
    JSON.stringify({
      images: looks.length,
      imagesInFamilies: families.size,
      familySeconds: Number(seconds.toFixed(2)),
      nearestOther: { least: quantile(nearest, 0), percent1: quantile(nearest, 0.01), median: quantile(nearest, 0.5) },
      again,
    }),
  );
} finally {
  pool.close();
  rmSync(scratch, { recursive: true, force: true });
}
