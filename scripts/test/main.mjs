// Runs the checks and every test file under Node 24, and ends with the line `N passed, N failed, N skipped`.
import { globSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { run } from 'node:test';
import { pageBuild, runChecks } from '../checks.mjs';
import { nodeArguments, root } from '../node24.mjs';
import { Report } from './report.mjs';

/** A file that takes longer than this hangs; the slowest ones train and kill for minutes, in two runners. */
const fileTimeout = 10 * 60_000;

const prefixes = process.argv.slice(2).map((prefix) => prefix.split(sep).join('/'));
const files = globSync('test/**/*.test.ts', { cwd: root })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => prefixes.length === 0 || prefixes.some((prefix) => file.startsWith(prefix)))
  .sort();

const report = new Report(
  (text) => process.stdout.write(text),
  (path) => relative(root, path).split(sep).join('/'),
);
if (prefixes.length === 0) {
  await runChecks((name, output, milliseconds) => report.check(name, output, milliseconds), [pageBuild]);
}
if (files.length === 0) {
  report.check(`test files under ${prefixes.join(', ') || 'test/'}`, 'There are none.', 0);
} else {
  const stream = run({
    files: files.map((file) => `${root}/${file}`),
    cwd: root,
    // Two at a time: numeric tests use threads of their own.
    concurrency: 2,
    timeout: fileTimeout,
    execArgv: nodeArguments,
  });
  for await (const event of stream) report.event(event);
}
process.exitCode = report.finish();
