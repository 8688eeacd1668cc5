import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OnnxNode } from '../../../src/engine/compile/onnx/encode.ts';
import { writableInPlace } from '../../../src/engine/compile/onnx/in-place.ts';
import { divide } from '../../../src/engine/compile/onnx/prologue.ts';

const node = (op: string, inputs: string[], output: string): OnnxNode => ({
  op,
  inputs,
  outputs: [output],
  attributes: {},
  domain: '',
});
const pair = [['w', 'w2']] as const;

test('a tensor is written in place when all that reads it is done', () => {
  const nodes = [node('MatMul', ['x', 'w'], 'y'), node('Mul', ['y', 'y'], 'g'), node('Sub', ['w', 'g'], 'w2')];
  assert.deepEqual([...writableInPlace(nodes, pair)], ['w']);
});

test('not where something else reads it that need not be done by then', () => {
  const nodes = [
    node('MatMul', ['x', 'w'], 'y'),
    node('Sub', ['w', 'y'], 'w2'),
    node('MatMul', ['y', 'w'], 'back'),
    node('Add', ['back', 'w2'], 'out'),
  ];
  assert.deepEqual([...writableInPlace(nodes, pair)], []);
});

test('nor where it is read under another name', () => {
  const nodes = [
    node('Reshape', ['w', 'shape'], 'flat'),
    node('MatMul', ['x', 'flat'], 'y'),
    node('Sub', ['w', 'y'], 'w2'),
    node('Transpose', ['flat'], 'turned'),
  ];
  assert.deepEqual([...writableInPlace(nodes, pair)], []);
});

test('nor where more than one element of the old value makes one of the new', () => {
  const nodes = [node('MatMul', ['w', 'x'], 'w2')];
  assert.deepEqual([...writableInPlace(nodes, pair)], []);
});

test('what follows from fixed inputs is taken out, but for what the graph tells and what is no float', () => {
  const nodes = [
    node('Mul', ['filter', 'two'], 'scaled'),
    node('Greater', ['scaled', 'two'], 'large'),
    node('Transpose', ['scaled'], 'turned'),
    node('Add', ['two', 'two'], 'four'),
    node('Mul', ['turned', 'four'], 'told'),
    node('MatMul', ['x', 'turned'], 'y'),
  ];
  const { before, after, carried } = divide(nodes, new Set(['filter']), new Set(['two']), new Set(['told', 'y']));
  assert.deepEqual(
    before.map(({ outputs }) => outputs[0]),
    ['scaled', 'turned'],
  );
  assert.deepEqual(
    after.map(({ outputs }) => outputs[0]),
    ['large', 'four', 'told', 'y'],
  );
  assert.deepEqual([...carried].sort(), ['scaled', 'turned']);
});
