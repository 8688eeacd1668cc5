// The checks that need no test: layout, lint, types, and which room may import which.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './node24.mjs';

const tool = (name, path, ...args) => ({ name, args: [join(root, 'node_modules', ...path.split('/')), ...args] });

/** The longest first. */
const checks = [
  tool('types (vue-tsc)', 'vue-tsc/bin/vue-tsc.js', '--project', '.'),
  tool('layout (prettier)', 'prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
  tool('lint (eslint)', 'eslint/bin/eslint.js', '--max-warnings=0', '.'),
  tool(
    'import table (dependency-cruiser)',
    'dependency-cruiser/bin/dependency-cruiser.mjs',
    '--config=.dependency-cruiser.cjs',
    '--output-type=err',
    'src',
  ),
  tool(
    'styles (stylelint)',
    'stylelint/bin/stylelint.mjs',
    '--config=stylelint.config.mjs',
    'src/renderer/**/*.vue',
    'src/renderer/**/*.css',
  ),
];

/** What a check printed if it failed, else undefined. */
function runCheck({ args }) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? undefined : output.trim() || `It ended with ${code}.`));
  });
}

/** Builds the page for the tests that open it in a browser, so that they find it. */
export const pageBuild = {
  name: 'page (electron-vite)',
  args: ['--disable-warning=ExperimentalWarning', join(root, 'test', 'support', 'built-page.ts')],
};

/**
 * Runs all checks and what else is given, two at a time, and tells of each as it ends: its name, what it printed if it
 * failed, milliseconds.
 */
export async function runChecks(tell, more = []) {
  const waiting = [...checks, ...more];
  const lane = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const started = performance.now();
      tell(check.name, await runCheck(check), performance.now() - started);
    }
  };
  await Promise.all([lane(), lane()]);
}

// `npm run lint`
if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await runChecks((name, output) => {
    process.stdout.write(output === undefined ? `ok      ${name}\n` : `FAILED  ${name}\n${output}\n`);
    if (output !== undefined) process.exitCode = 1;
  });
}
