import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { AppError } from '../../../../src/contract/errors.ts';
import { createExecutor } from '../../../../src/engine/runtime/executor.ts';
import { trainingTrial } from '../../../../src/engine/runtime/self-test-programs.ts';
import { tf } from '../../../../src/engine/tf.ts';
import type { HostTensor } from '../../../../src/engine/nn/types.ts';

const runtimeModule = fileURLToPath(new URL('../../../../src/engine/runtime/telemetry.ts', import.meta.url));

test('the runtime is not loaded where its telemetry is on', () => {
  const script = `
    import { loadRuntime } from ${JSON.stringify(runtimeModule)};
    await loadRuntime().then(() => console.log('loaded'), (error) => console.log(error.code));`;
  for (const value of [undefined, '0', '']) {
    const env = { ...process.env, CI: undefined, ORT_DISABLE_TELEMETRY: value };
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
    assert.equal(stdout.trim(), 'runtime.telemetry');
  }
});

for (const choice of ['onnx', 'eager'] as const)
  test(`${choice}: state is loaded, updated and read; nothing leaks`, async () => {
    const { program, state, inputs } = trainingTrial(2, 8, 16);
    const tensors = tf.memory().numTensors;
    const executor = await createExecutor(choice);
    const compiled = await executor.compile(program);
    await assert.rejects(compiled.run(inputs), (error) => error instanceof AppError && error.code === 'runtime.state');
    await compiled.load(state);
    assert.deepEqual(await compiled.read(), state);
    const losses: number[] = [];
    for (let step = 0; step < 4; step++) losses.push((await compiled.run(inputs))['loss']?.data[0] ?? NaN);
    assert.ok((losses[3] ?? NaN) < (losses[0] ?? NaN), `loss falls: ${losses.join()}`);
    const after = await compiled.read();
    assert.notDeepEqual(after, state);
    // Set back: the same step gives the same loss, so nothing else is remembered.
    await compiled.load(state);
    assert.equal((await compiled.run(inputs))['loss']?.data[0], losses[0]);
    // What was read is a copy.
    const head = (await compiled.read())['head'] as HostTensor;
    head.data.fill(0);
    assert.notDeepEqual((await compiled.read())['head']?.data, head.data);
    await compiled.dispose();
    await executor.dispose();
    assert.equal(tf.memory().numTensors, tensors);
  });

test('state and inputs that do not fit are refused', async () => {
  const { program, state, inputs } = trainingTrial(2, 8, 16);
  const executor = await createExecutor('onnx');
  const compiled = await executor.compile(program);
  const refusal = (error: unknown) => error instanceof AppError && error.code === 'runtime.state';
  const head = state['head'] as HostTensor;
  await assert.rejects(async () => compiled.load({ head: { ...head, shape: [1, 1] } }), refusal);
  await assert.rejects(async () => compiled.load({ tail: head }), refusal);
  await compiled.load(state);
  await assert.rejects(compiled.run({ ...inputs, batch: {} }), refusal);
  await executor.dispose();
});
