// How resources/sample was chosen: of each class the 150 images whose sha256 comes first.
//   node scripts/make-sample.mjs <folder with one folder per class> <output folder>
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const perClass = 150;
const [from, to] = process.argv.slice(2);
if (!from || !to) {
  process.stderr.write('Usage: node scripts/make-sample.mjs <folder with one folder per class> <output folder>\n');
  process.exit(2);
}

for (const name of readdirSync(from).sort()) {
  const chosen = readdirSync(join(from, name))
    .map((file) => ({
      file,
      hash: createHash('sha256')
        .update(readFileSync(join(from, name, file)))
        .digest('hex'),
    }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .slice(0, perClass);
  mkdirSync(join(to, name), { recursive: true });
  for (const { file } of chosen) copyFileSync(join(from, name, file), join(to, name, file));
}
