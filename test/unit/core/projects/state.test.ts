import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectStates, type ProjectState } from '../../../../src/contract/project.ts';
import { runStates } from '../../../../src/contract/runs.ts';
import { stateOf, type StateFacts } from '../../../../src/core/projects/state.ts';

const empty: StateFacts = {
  scanning: false,
  run: null,
  model: false,
  training: [],
  groupsUsable: true,
  applied: null,
};
const applied = { current: true, naming: false, newImages: 0, toReview: 0, closed: false };
const withModel: StateFacts = { ...empty, run: 'finished', model: true, training: [9, 9] };

const table: readonly [what: string, facts: StateFacts, state: ProjectState][] = [
  ['a folder was just chosen', { ...empty, scanning: true }, 'scanning'],
  ['no class', empty, 'no-classes'],
  ['one class with many labels', { ...empty, training: [40] }, 'no-classes'],
  ['one class is a label short', { ...empty, training: [5, 4] }, 'few-labels'],
  ['a class without labels', { ...empty, training: [5, 5, 0] }, 'few-labels'],
  [
    'enough labels, and every group is kept for checking',
    { ...empty, training: [5, 5], groupsUsable: false },
    'few-labels',
  ],
  ['five labels each', { ...empty, training: [5, 5] }, 'ready'],
  ['a cancelled run is as none', { ...empty, training: [5, 5], run: 'cancelled' }, 'ready'],
  ['a finished run that only adapts gives no model', { ...empty, training: [5, 5], run: 'finished' }, 'ready'],
  ['a run goes on', { ...empty, training: [5, 5], run: 'running' }, 'adapting'],
  ['it is asked to pause', { ...empty, training: [5, 5], run: 'pausing' }, 'adapting'],
  ['paused', { ...empty, training: [5, 5], run: 'paused' }, 'paused'],
  ['interrupted', { ...empty, training: [5, 5], run: 'interrupted' }, 'interrupted'],
  ['collapsed', { ...empty, training: [5, 5], run: 'stopped' }, 'stopped'],
  ['failed', { ...empty, training: [5, 5], run: 'failed' }, 'stopped'],
  ['a run finished', withModel, 'results'],
  ['labels missing are advice once there is a model', { ...withModel, training: [1] }, 'results'],
  ['an older model is applied', { ...withModel, applied: { ...applied, current: false, toReview: 9 } }, 'results'],
  ['files arrived', { ...withModel, applied: { ...applied, newImages: 1, toReview: 9 } }, 'new-images'],
  ['it goes on naming', { ...withModel, applied: { ...applied, naming: true } }, 'applied'],
  ['some are to be reviewed', { ...withModel, applied: { ...applied, toReview: 1 } }, 'applied'],
  ['the queue is empty', { ...withModel, applied }, 'reviewed'],
  ['the user says done', { ...withModel, applied: { ...applied, toReview: 9, closed: true } }, 'reviewed'],
  ['a second run over an applied model', { ...withModel, run: 'running', applied }, 'adapting'],
  ['a second run that collapsed, the first applied', { ...withModel, run: 'stopped', applied }, 'stopped'],
];

for (const [what, facts, state] of table) {
  test(`${what}: ${state}`, () => assert.equal(stateOf(facts), state));
}

test('every state can be reached', () => {
  assert.deepEqual(new Set(table.map(([, , state]) => state)), new Set(projectStates));
});

test('the first that holds wins, in the order of the contract', () => {
  // Facts for each state, each also fulfilling what comes after it.
  const later = { training: [5, 5], model: true, applied: { ...applied, toReview: 1, newImages: 1 } };
  assert.equal(stateOf({ ...empty, ...later, scanning: true, run: 'interrupted' }), 'scanning');
  for (const run of runStates) {
    const state = stateOf({ ...empty, ...later, run });
    const byRun: Partial<Record<typeof run, ProjectState>> = {
      finished: 'new-images',
      cancelled: 'new-images',
      interrupted: 'interrupted',
      paused: 'paused',
      stopped: 'stopped',
      failed: 'stopped',
    };
    assert.equal(state, byRun[run] ?? 'adapting', run);
  }
});
