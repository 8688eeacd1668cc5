import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeModel } from '../../../../src/engine/compile/onnx/decode.ts';
import { describedModel, type OnnxModel } from '../../../../src/engine/compile/onnx/encode.ts';

const text = (value: string): Buffer => Buffer.from(value);
/** A field of a protobuf message, by hand: bytes, or a number below 128. */
const field = (number: number, content: Buffer | number): Buffer => {
  const key = (wire: number): Buffer =>
    number < 16 ? Buffer.from([number * 8 + wire]) : Buffer.from([(number * 8 + wire) | 128, number >> 4]);
  return typeof content === 'number'
    ? Buffer.concat([key(0), Buffer.from([content])])
    : Buffer.concat([key(2), Buffer.from([content.length]), content]);
};
const all = (...parts: Buffer[]): Buffer => Buffer.concat(parts);
/** A model file of one graph with this in it. */
const withGraph = (...parts: Buffer[]): Buffer => field(7, all(...parts));
const node = (operator: string, ...more: Buffer[]): Buffer => field(1, all(field(4, text(operator)), ...more));
const values = field(9, Buffer.alloc(8));
/** Two float32 values. */
const tensor = (...more: Buffer[]): Buffer => field(5, all(field(1, 2), field(2, 1), field(8, text('w')), ...more));

const codeOf = (file: Buffer): string => {
  try {
    decodeModel(file);
    return 'opened';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('what an export writes is read back: ports, an axis of any length, metadata, the hash of the graph', () => {
  const model: OnnxModel = {
    name: 'm',
    opset: 18,
    domains: [],
    nodes: [
      {
        op: 'Clip',
        inputs: ['x', 'low'],
        outputs: ['y'],
        attributes: { a: 1, b: { float: 2 }, c: [1, 2] },
        domain: '',
      },
    ],
    constants: [{ name: 'low', type: 'float32', shape: [], data: Float32Array.of(0) }],
    inputs: [{ name: 'x', type: 'uint8', shape: [7, 300, 3], anyLength: 'images' }],
    outputs: [{ name: 'y', type: 'float32', shape: [7, 2], anyLength: 'images' }],
  };
  let told = '';
  const parts = describedModel(model, (hash) => {
    told = hash;
    return { classes: '["<b>","\u00fc"]' };
  });
  assert.deepEqual(decodeModel(Buffer.concat(parts)), {
    metadata: { classes: '["<b>","\u00fc"]' },
    graphSha256: told,
    inputs: [{ name: 'x', type: 2, axes: ['images', 300, 3] }],
    outputs: [{ name: 'y', type: 1, axes: ['images', 2] }],
  });
});

test('a file with more than an export has is refused, by what it has', () => {
  assert.equal(codeOf(withGraph(node('Relu'), tensor(values))), 'opened');
  for (const [name, file, code] of [
    ['an operator beyond the list', withGraph(node('Loop')), 'model.operator'],
    ['an operator of another domain', all(withGraph(node('Relu')), field(8, field(1, text('evil')))), 'model.operator'],
    ['a domain at a node', withGraph(node('Relu', field(7, text('evil')))), 'model.format'],
    ['an attribute that is a graph', withGraph(node('Relu', field(5, field(6, text('g'))))), 'model.format'],
    ['values in another file', withGraph(tensor(field(13, all(field(1, text('location')), field(2, text('/etc/passwd')))))), 'model.external'], // prettier-ignore
    ['values said to be elsewhere', withGraph(tensor(values, field(14, 1))), 'model.external'],
    ['fewer values than its shape', withGraph(tensor(field(9, Buffer.alloc(4)))), 'model.format'],
    ['a function', all(withGraph(node('Relu')), field(25, text('f'))), 'model.format'],
    ['sparse values', withGraph(field(15, text('s'))), 'model.format'],
    ['another version of the operators', all(withGraph(node('Relu')), field(8, field(2, 19))), 'model.format'],
    ['two graphs', all(withGraph(node('Relu')), withGraph(node('Relu'))), 'model.format'],
    ['no graph', field(2, text('x')), 'model.format'],
    ['a length beyond its end', Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]), 'model.format'],
    ['a number without end', Buffer.alloc(20, 0xff), 'model.format'],
    ['a name that is no text', withGraph(node('Relu'), field(11, field(1, Buffer.from([0xff, 0xfe])))), 'model.format'],
  ] as const) {
    assert.equal(codeOf(file), code, name);
  }
});
