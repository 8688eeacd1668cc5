import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { copyFewImages } from '../../e2e/few-images.ts';
import { acclimate, shown, start, type Terminal } from './terminal.ts';

const PASSES = '3';
const GONE_MS = 20_000;
const options = ['--size', '32', '--seeds', '1', '--seed', '7', '--epochs'];

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): Process[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null && !match[3]!.startsWith('Z'))
    .map((match) => ({ pid: Number(match![1]), parent: Number(match![2]), command: match![4]! }));
}

/** A process and everything it started, and what that started. */
function treeOf(root: number): Process[] {
  const all = processes();
  const tree = all.filter(({ pid }) => pid === root);
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

/** Fails when one of them is still there after a while. */
async function gone(tree: readonly Process[]): Promise<void> {
  const until = performance.now() + GONE_MS;
  for (;;) {
    const here = new Map(processes().map(({ pid, command }) => [pid, command]));
    const left = tree.filter(({ pid, command }) => here.get(pid) === command);
    if (left.length === 0) return;
    assert.ok(performance.now() < until, `still running: ${left.map(({ command }) => command).join('; ')}`);
    await delay(100);
  }
}

describe('a run that is killed or cancelled', { timeout: 300_000, skip: process.platform === 'win32' }, () => {
  let folder: string;
  let project: string;
  let expected: string;

  /** Away from a terminal a tenth is the least that is shown. */
  const adapting = async (passes: string): Promise<Terminal> => {
    const running = start('adapt', project, ...options, passes, '--json');
    await shown(running, ` pass `);
    return running;
  };
  const newest = async (): Promise<{ id: string; state: string }> => {
    const { out } = await acclimate('runs', project, '--json');
    return (JSON.parse(out) as { runs: { id: string; state: string }[] }).runs[0]!;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acclimate-cli-faults-'));
    project = join(folder, 'project');
    copyFewImages(join(folder, 'images'), 30);
    await acclimate('import', join(folder, 'images'), '--project', project);
    const whole = await acclimate('adapt', project, ...options, PASSES, '--json');
    assert.equal(whole.status, 0, whole.err);
    expected = (JSON.parse(whole.out) as { sha256: string[] }).sha256[0]!;
  });
  after(() => rm(folder, { recursive: true }));

  for (const victim of ['cli/main', 'engine/entry']) {
    test(`kill -9 of ${victim}: nothing is left running, and resume comes to the same weights`, async () => {
      const running = await adapting(PASSES);
      const tree = treeOf(running.child.pid!);
      const [killed] = tree.filter(({ command }) => command.includes(victim));
      process.kill(killed!.pid, 'SIGKILL');
      const { status, out, err } = await running.ended;
      if (victim !== 'cli/main') {
        assert.equal(status, 1);
        assert.equal((JSON.parse(out) as { error: { code: string } }).error.code, 'process.died');
        assert.doesNotMatch(err, /^\s+at /m, 'a stack trace');
      }
      await gone(tree);

      const { id, state } = await newest();
      assert.equal(state, 'interrupted');
      const resumed = await acclimate('resume', project, '--json');
      assert.equal(resumed.status, 0, resumed.err);
      assert.equal((JSON.parse(resumed.out) as { outcome: string }).outcome, 'finished');
      const weights = await readFile(join(project, 'runs', id, 'adapt', 'seed-0.safetensors'));
      assert.equal(createHash('sha256').update(weights).digest('hex'), expected);
    });
  }

  test('another process cancels a run; then there is nothing to stop', async () => {
    const running = await adapting('15');
    const tree = treeOf(running.child.pid!);
    assert.equal((await acclimate('cancel', project)).status, 0);
    const { status, out } = await running.ended;
    assert.equal(status, 1);
    assert.equal((JSON.parse(out) as { outcome: string }).outcome, 'cancelled');
    await gone(tree);
    assert.equal((await newest()).state, 'cancelled');
    const again = await acclimate('cancel', project);
    assert.equal(again.status, 2);
    assert.match(again.err, /\[run\.notActive\]\n$/);
    const { status: audit, out: found } = await acclimate('audit', 'verify', project, '--json');
    assert.equal(audit, 0, found);
  });
});
