import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { Report } from '../../../scripts/test/report.mjs';
import { makeCheckout, plainEnvironment } from './checkout.ts';

const head = "import assert from 'node:assert/strict';\nimport { describe, test } from 'node:test';\n";

/** Runs the given test files as `npm test` would, and gives what it printed. */
function runTests(files: Record<string, string>): { status: number | null; stdout: string; last: string } {
  const folder = makeCheckout(['scripts', 'src/guard'], files);
  const { status, stdout } = spawnSync(process.execPath, [join(folder, 'scripts/test/main.mjs'), 'test/'], {
    cwd: folder,
    encoding: 'utf8',
    env: plainEnvironment(),
  });
  return { status, stdout, last: stdout.trimEnd().split('\n').at(-1)! };
}

test('totals are the last line, over files, suites and tests inside tests', () => {
  const { status, stdout, last } = runTests({
    'test/one.test.ts': `${head}test('a', async (t) => { await t.test('inner', () => {}); });\ndescribe('s', () => { test('b', () => {}); });`,
    'test/deep/two.test.ts': `${head}test('c', () => {});\ntest('d', { skip: 'needs a printer' }, () => {});`,
  });
  assert.equal(last, '4 passed, 0 failed, 1 skipped');
  assert.equal(status, 0);
  assert.match(stdout, /skipped: d \(needs a printer\)/);
});

test('a failure is shown with its reason, and the run fails', () => {
  const { status, stdout, last } = runTests({
    'test/one.test.ts': `${head}test('a', () => {});\ndescribe('s', () => { test('sum', () => assert.equal(1 + 1, 3)); });`,
  });
  assert.equal(last, '1 passed, 1 failed, 0 skipped');
  assert.equal(status, 1);
  assert.match(stdout, /FAILED {2}test\/one\.test\.ts/);
  assert.match(stdout, /failed: sum\n[^]*2 !== 3/);
});

test('a file that cannot be read as a program, one that dies, and one that throws are failures', () => {
  const { status, last, stdout } = runTests({
    'test/syntax.test.ts': 'const = 1;',
    'test/dies.test.ts': `${head}test('a', () => process.kill(process.pid, 'SIGKILL'));`,
    'test/throws.test.ts': "throw new Error('at the start');",
    'test/well.test.ts': `${head}test('b', () => {});`,
  });
  assert.equal(last, '1 passed, 3 failed, 0 skipped');
  assert.equal(status, 1);
  assert.match(stdout, /at the start/);
});

test('the ten tests that took longest are named, the longest first, but not the suites that hold them', () => {
  let printed = '';
  const report = new Report(
    (text: string) => (printed += text),
    (path: string) => path.replace('/root/', ''),
  );
  const file = '/root/test/one.test.ts';
  const passed = (name: string, ms: number, type: string): void =>
    report.event({ type: 'test:pass', data: { file, name, nesting: 0, details: { duration_ms: ms, type } } });
  for (let at = 1; at <= 12; at++) passed(`test ${at}`, at * 1000, 'test');
  passed('all of them', 78_000, 'suite');
  report.finish();
  const named = printed.slice(printed.indexOf('took longest:')).matchAll(/^ +([\d.]+) s (.+)$/gm);
  assert.deepEqual(
    [...named].map(([, took, which]) => [took, which]),
    [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((at) => [`${at}.0`, `test/one.test.ts: test ${at}`]),
  );
});

test('no test at all is a failure', () => {
  const { status, last } = runTests({});
  assert.equal(last, '0 passed, 1 failed, 0 skipped');
  assert.equal(status, 1);
});

test('every test file runs behind the network guard', () => {
  const { last } = runTests({
    'test/outside.test.ts': `${head}import net from 'node:net';\ntest('a', async () => {
      const code = await new Promise((done) => net.connect(80, '192.0.2.1').on('error', (e) => done((e as { code?: string }).code)));
      assert.equal(code, 'ENETOFF');
    });`,
  });
  assert.equal(last, '1 passed, 0 failed, 0 skipped');
});
