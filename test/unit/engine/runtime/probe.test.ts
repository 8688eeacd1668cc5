import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { probe } from '../../../../src/engine/runtime/probe.ts';
import { missing, report } from '../../../../src/engine/runtime/probe-all.ts';
import type { Provider } from '../../../../src/engine/runtime/providers.ts';

const folder = mkdtempSync(join(tmpdir(), 'probe-'));
after(() => rmSync(folder, { recursive: true }));

function script(name: string, source: string): string {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  return file;
}
const webgpu: Provider = { name: 'webgpu', missing: () => null };
const passing = { name: 'convolutions', passed: true, detail: 'differs from eager by at most 1e-7 of the norm' };

test('a provider that crashes is not offered, and nothing else happens', async () => {
  for (const [name, source] of [
    ['killed', "process.kill(process.pid, 'SIGSEGV')"],
    ['thrown', "throw new Error('no device')"],
    ['garbage', "process.send({ selfTests: 'all good' }); setInterval(() => {}, 1000)"],
  ] as const) {
    const reply = await probe('webgpu', script(name, source));
    const { offered, available, reason } = report(webgpu, reply, 10);
    assert.deepEqual([offered, available], [false, false]);
    assert.match(reason ?? '', name === 'garbage' ? /made no sense/ : /crashed/);
  }
});

test('a provider that hangs is given up', async () => {
  const reply = await probe('webgpu', script('hangs', 'setInterval(() => {}, 1000)'), 300);
  assert.match(reply.problem ?? '', /in time/);
});

test('a provider that is right but tells no speed in time is not offered, and its self-tests are told', async () => {
  const told = JSON.stringify({ selfTests: [passing], stepsPerSecond: null, problem: null });
  const source = `process.send(${told}); setInterval(() => {}, 1000)`;
  const { available, offered, reason, selfTests } = report(
    webgpu,
    await probe('webgpu', script('slow', source), 3000),
    10,
  );
  assert.deepEqual([available, offered, selfTests], [true, false, [passing]]);
  assert.match(reason ?? '', /too slow/);
});

test('a provider that is wrong or slower is not offered; one that is right and faster is', () => {
  const wrong = { selfTests: [{ ...passing, passed: false, detail: 'differs' }], stepsPerSecond: null, problem: null };
  assert.match(report(webgpu, wrong, 10).reason ?? '', /self-test of convolutions fails/);
  const slow = { selfTests: [passing], stepsPerSecond: 9, problem: null };
  assert.match(report(webgpu, slow, 10).reason ?? '', /not faster/);
  assert.deepEqual([report(webgpu, wrong, 10).offered, report(webgpu, slow, 10).offered], [false, false]);
  const fast = { selfTests: [passing], stepsPerSecond: 40, problem: null };
  assert.deepEqual([report(webgpu, fast, 10).offered, report(webgpu, fast, 10).speed], [true, 4]);
});

test('what ONNX Runtime is built without is not tried, whatever else is there', () => {
  assert.match(missing(webgpu, new Set(['cpu'])) ?? '', /built without it/);
  assert.equal(missing(webgpu, new Set(['cpu', 'webgpu'])), null);
});

test('the processor passes its own self-test in a child', async () => {
  const reply = await probe('cpu');
  assert.equal(reply.problem, null);
  assert.deepEqual(
    reply.selfTests.map((t) => t.passed),
    [true, true],
  );
  assert.ok((reply.stepsPerSecond ?? 0) > 0);
});
