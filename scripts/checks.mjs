// The checks that need no test: layout, lint, types, and which room may import which.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './node24.mjs';

const tool = (name, path, ...args) => ({ name, args: [join(root, 'node_modules', ...path.split('/')), ...args] });

export const checks = [
  tool('layout (prettier)', 'prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
  tool('lint (eslint)', 'eslint/bin/eslint.js', '--max-warnings=0', '.'),
  tool(
    'styles (stylelint)',
    'stylelint/bin/stylelint.mjs',
    '--config=stylelint.config.mjs',
    'src/renderer/**/*.vue',
    'src/renderer/**/*.css',
  ),
  tool('types (vue-tsc)', 'vue-tsc/bin/vue-tsc.js', '--project', '.'),
  tool(
    'import table (dependency-cruiser)',
    'dependency-cruiser/bin/dependency-cruiser.mjs',
    '--config=.dependency-cruiser.cjs',
    '--output-type=err',
    'src',
  ),
];

/** Runs one check; returns what it printed if it failed, else undefined. */
export function runCheck({ args }) {
  const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return result.status === 0 ? undefined : `${result.stdout}${result.stderr}`.trim();
}

// `npm run lint`
if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  let failed = 0;
  for (const check of checks) {
    const output = runCheck(check);
    process.stdout.write(output === undefined ? `ok      ${check.name}\n` : `FAILED  ${check.name}\n${output}\n`);
    if (output !== undefined) failed += 1;
  }
  process.exitCode = failed > 0 ? 1 : 0;
}
