/** The small pictures of a project as the page asks for them, driven from standard input. Used by bench/thumbnails.ts. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { importInputSchema } from '../../src/contract/library.ts';
import { openProject } from '../../src/core/db/open.ts';
import { checkImportInput, importLibrary } from '../../src/core/library/import.ts';
import { createPictures } from '../../src/core/thumbnails/pictures.ts';
import { createImagePool } from '../../src/images/pool.ts';

const [folder, scratch] = process.argv.slice(2) as [string, string];
const input = checkImportInput(importInputSchema.parse({ folder, project: join(scratch, 'project') }));
const project = await openProject(input.project, { create: true });
const pool = createImagePool({ size: 2 });
await importLibrary(project, input, { pool, progress: () => {} });
pool.close();
const images = project.db.prepare<[], { id: number }>('SELECT id FROM image ORDER BY id').all();
const pictures = createPictures();

for await (const line of createInterface({ input: process.stdin })) {
  const [word, times] = line.split(' ');
  if (word !== 'go') break;
  const start = performance.now();
  for (let time = 0; time < Number(times); time++) {
    rmSync(project.paths.thumbnails, { recursive: true, force: true });
    const signal = new AbortController().signal;
    await Promise.all(images.map(({ id }) => pictures.read(project, id, 'thumb', signal)));
    await pictures.settled();
  }
  process.stdout.write(`${(performance.now() - start) / 1000}\n`);
}
pictures.close();
project.close();
