/**
 * The budgets of the page (docs/performance.md) at 10,000, 100,000 and 1,000,000 images: makes the fixtures, opens the
 * page in a headless browser with software rendering, and prints budget, measured and held. Run it on an idle machine.
 *   npm run bench:ui [-- --rows 10000,100000,1000000] [--json FILE] [--keep FOLDER]
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { builtPage } from '../../test/support/built-page.ts';
import { bundleBytes } from './bundle.ts';
import { makeFixture } from './fixtures.ts';
import { measure } from './measure.ts';
import { table, type Line } from './table.ts';

const { values } = parseArgs({
  options: { rows: { type: 'string' }, json: { type: 'string' }, keep: { type: 'string' } },
});
const rows = (values.rows ?? '10000,100000,1000000').split(',').map(Number);
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'acclimate-bench-ui-'));
mkdirSync(folder, { recursive: true });

const page = builtPage();
const bundle: Line = {
  budget: 'page before its first screen',
  limit: 350,
  unit: 'KB gzip',
  measured: bundleBytes(page) / 1024,
  rows: 0,
};
const lines: Line[] = [bundle];
try {
  for (const count of rows) {
    const project = join(folder, `rows-${count}`);
    if (!existsSync(join(project, 'project.db'))) {
      process.stderr.write(`Making ${count} rows\n`);
      await makeFixture({ folder: project, rows: count, linked: true });
    }
    process.stderr.write(`Measuring ${count} rows\n`);
    lines.push(...(await measure({ folder, project, rows: count, page })));
  }
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(table(lines));
const machine = {
  processor: cpus()[0]?.model ?? '',
  cores: cpus().length,
  date: new Date().toISOString().slice(0, 10),
};
if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, lines }, null, 2)}\n`);
process.exit(0);
