import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { coreCalls, coreEvents } from '../../../src/contract/core-calls.ts';
import { AppError } from '../../../src/contract/errors.ts';
import { ownSeat } from '../../../src/contract/seat.ts';
import { forkChild } from '../../../src/processes/fork.ts';
import { startProcesses } from '../../../src/processes/processes.ts';
import { connect } from '../../../src/rpc/connect.ts';

const child = (name: string): URL => new URL(`../server/children/${name}.ts`, import.meta.url);

test('core and engine run on the Node they are given, and frames reach them as text', { timeout: 30_000 }, async () => {
  const outside = { node: process.execPath, guard: new URL('../../../src/guard/no-network.ts', import.meta.url) };
  const processes = startProcesses((name) => forkChild(child(name), { outside, givesWay: name === 'engine' }));
  try {
    const core = connect(coreCalls, coreEvents, processes.openPort(ownSeat));
    const project = 'a9c1f2b4-7c1d-4f5e-9a3b-0d1e2f3a4b5c';
    const { bytes } = await core.call('images.bytes', { project, image: 7, kind: 'thumb', key: 'right' });
    assert.equal(Buffer.from(bytes).toString(), `${project} 7 thumb`);
    const machine = await core.call('machine.describe', { full: false });
    assert.equal(machine.cores, processes.pid('engine'));
    assert.equal(machine.runtime, '1', 'telemetry is off');
    const [ofCore, ofEngine] = (['core', 'engine'] as const).map((name) => getPriority(processes.pid(name)!));
    assert.ok(ofEngine! > ofCore!, 'the engine gives way to what the user does');
    const call = core.call(
      'machine.describe',
      { full: true },
      { onProgress: () => process.kill(processes.pid('engine')!, 'SIGKILL') },
    );
    await assert.rejects(call, (error) => error instanceof AppError && error.code === 'process.died');
  } finally {
    await processes.stop();
  }
});
