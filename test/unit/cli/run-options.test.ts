import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInput } from '../../../src/cli/run-options.ts';

const given = (values: Record<string, string | number | readonly string[]>) =>
  runInput('run', { positionals: ['.'], values });

test('settings of a method are numbers, switches or texts', () => {
  const { method, methodSettings } = given({
    method: 'distill',
    set: ['learningRate=5e-4', 'pairing=true', 'teacherRun=r-12', 'teacher='],
  });
  assert.equal(method, 'distill');
  assert.deepEqual(methodSettings, { learningRate: 5e-4, pairing: true, teacherRun: 'r-12', teacher: '' });
  assert.throws(() => given({ set: ['tau'] }), { code: 'usage.badValue' });
});

test('what is learned beside the labels is off unless it is named', () => {
  assert.equal(given({}).auxiliary, undefined);
  const { auxiliary, auxiliaryWeight } = given({ auxiliary: 'rotation', auxiliaryWeight: 0.5 });
  assert.deepEqual([auxiliary, auxiliaryWeight], ['rotation', 0.5]);
  assert.throws(() => given({ auxiliary: 'rotation', auxiliaryWeight: 0 }), { code: 'usage.badValue' });
});
