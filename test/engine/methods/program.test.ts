import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaf } from '../../../src/engine/nn/tree.ts';
import type { HostTree } from '../../../src/engine/nn/types.ts';
import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import { relativeError } from '../support/eager.ts';
import { adaptPair, finetunePair, twinOf, type Pair } from './pairs.ts';

/** State before and after the pair's steps, and the loss of each. */
async function follow({ program, state, inputs }: Pair): Promise<{ after: HostTree; losses: number[] }> {
  const executor = await createExecutor('onnx');
  const compiled = await executor.compile(program);
  await compiled.load(state);
  const losses: number[] = [];
  for (const step of inputs) losses.push((await compiled.run(step))['loss']?.data[0] ?? Number.NaN);
  const after = await compiled.read();
  await executor.dispose();
  return { after, losses };
}
const changed = (before: HostTree, after: HostTree): Set<string> =>
  new Set(
    Object.keys(before).filter((name) => !leaf(before, name).data.every((value, i) => value === after[name]?.data[i])),
  );
const lite = 'efficientnet-lite0';
const roles = new Map(twinOf(lite).params.map(({ name, role }) => [name, role]));
const roleOf = (name: string): string | undefined => roles.get(name.replace(/^.*?backbone\./, ''));
const isStatistic = (name: string): boolean => ['mean', 'variance'].includes(roleOf(name) ?? '');

for (const method of ['byol', 'simclr', 'dino']) {
  test(`${method}: the cheaper program of the warm-up does what the whole one does while the backbone is held`, async () => {
    const held = adaptPair(lite, method, {}, { held: true });
    const whole = adaptPair(lite, method, { warmUpEpochs: 1 });
    assert.deepEqual(whole.inputs, held.inputs);
    assert.deepEqual(whole.state, held.state);
    const [a, b] = [await follow(held), await follow(whole)];
    const moved = changed(held.state, a.after);
    assert.ok(
      [...moved].every((name) => !name.includes('backbone.')),
      [...moved].join(),
    );
    assert.deepEqual(changed(whole.state, b.after), moved);
    for (const name of moved) {
      const error = relativeError(leaf(a.after, name).data, leaf(b.after, name).data);
      assert.ok(error < 1e-3, `${name}: ${error}`);
    }
  });
}

test('frozen statistics never move, everything that trains does, and the target follows by its share', async () => {
  const pair = adaptPair(lite, 'byol', { tau: 0.97 }, { steps: 1 });
  const { after } = await follow(pair);
  const moved = changed(pair.state, after);
  for (const name of Object.keys(pair.state)) {
    if (isStatistic(name)) assert.ok(!moved.has(name), `${name} moved`);
    else if (name.startsWith('online.') || name.startsWith('target.'))
      assert.ok(moved.has(name), `${name} stood still`);
  }
  const path = (name: string): number =>
    Math.hypot(...leaf(after, name).data.map((value, i) => value - (leaf(pair.state, name).data[i] as number)));
  const targets = Object.keys(pair.state).filter((name) => name.startsWith('target.'));
  const total = (paths: number[]): number => paths.reduce((a, b) => a + b, 0);
  const share =
    total(targets.map((name) => path(name))) / total(targets.map((name) => path(`online.${name.slice(7)}`)));
  assert.ok(Math.abs(share - 0.03) < 1e-3, `${share}`);
});

test('batch statistics move the running statistics', async () => {
  const pair = adaptPair(lite, 'simclr', { statistics: 'batch' });
  const moved = changed(pair.state, (await follow(pair)).after);
  for (const name of Object.keys(pair.state)) if (isStatistic(name)) assert.ok(moved.has(name), name);
});

test('each view is a batch of its own to batch statistics, the turns of a picture are one: they are to be told apart', async () => {
  const far = 1e6;
  for (const [method, batches] of [
    ['simclr', 2],
    ['rotation', 1],
  ] as const) {
    const pair = adaptPair(lite, method, { statistics: 'batch' }, { steps: 1, batch: 2 });
    const name = Object.keys(pair.state).find((each) => roleOf(each) === 'mean') ?? '';
    const start = leaf(pair.state, name);
    const state = { ...pair.state, [name]: { ...start, data: start.data.map(() => far) } } as HostTree;
    // Each batch takes a tenth of the way from the running mean to its own.
    const share = (leaf((await follow({ ...pair, state })).after, name).data[0] ?? 0) / far;
    assert.ok(Math.abs(share - 0.9 ** batches) < 1e-3, `${method}: ${share}`);
  }
});

test('both methods learn: the loss falls on images seen again and again', async () => {
  for (const method of ['byol', 'simclr']) {
    const pair = adaptPair(lite, method, { learningRate: 1e-3 }, { steps: 30, batch: 8 });
    const first = pair.inputs[0];
    const again = pair.inputs.map((step) => ({ ...step, batch: first?.batch ?? {} }));
    const { losses } = await follow({ ...pair, inputs: again });
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    assert.ok(mean(losses.slice(-5)) < 0.95 * mean(losses.slice(0, 5)), `${method}: ${losses.join()}`);
  }
});

test('norm-tuning moves normalisation affines and the head alone, full tuning all but statistics', async () => {
  const norm = finetunePair(lite, 'norm');
  const tuned = changed(norm.state, (await follow(norm)).after);
  for (const name of Object.keys(norm.state)) {
    if (name.startsWith('slots.') || name === 'head.bias') continue;
    const trains = name === 'head.weight' || ['scale', 'shift'].includes(roleOf(name) ?? '');
    assert.equal(tuned.has(name), trains, name);
  }
  const full = finetunePair(lite, 'all');
  const moved = changed(full.state, (await follow(full)).after);
  for (const name of Object.keys(full.state)) {
    if (name.startsWith('slots.')) continue;
    assert.equal(moved.has(name), !isStatistic(name) && name !== 'head.mean', name);
  }
});

test('images of weight 0 do not count in fine-tuning', async () => {
  const pair = finetunePair(lite, 'all', { steps: 1 });
  const [step] = pair.inputs;
  const weights = { shape: [4], dtype: 'float32', data: Float32Array.of(1, 0, 1, 0) } as const;
  const relabelled = { shape: [4], dtype: 'int32', data: Int32Array.from(step?.batch['labels']?.data ?? []) } as const;
  relabelled.data[1] = (relabelled.data[1] ?? 0) === 0 ? 1 : 0;
  const loss = async (labels: HostTree[string]): Promise<number | undefined> => {
    const inputs = pair.inputs.map((one) => ({ ...one, batch: { ...one.batch, labels, weights } }));
    return (await follow({ ...pair, inputs })).losses[0];
  };
  assert.equal(await loss(leaf(step?.batch ?? {}, 'labels')), await loss(relabelled));
});
