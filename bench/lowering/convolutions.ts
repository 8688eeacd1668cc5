import { MICROSOFT, NCHWC } from '../../src/engine/compile/lower/builder.ts';
import { identity } from '../../src/engine/compile/lower/blocked/blocks.ts';
import { race } from './timing.ts';
import type { Candidate } from './timing.ts';

/** How ONNX Runtime's CPU provider executes the convolutions of EfficientNet-Lite0 at 96 px when weights are not constant. */
const N = 64;
const BLOCK = 16;
const ROUNDS = 7;

const DEPTHWISE = [
  { c: 32, side: 48, k: 3, s: 1 },
  { c: 144, side: 24, k: 3, s: 1 },
  { c: 144, side: 24, k: 5, s: 2 },
  { c: 240, side: 12, k: 5, s: 1 },
  { c: 672, side: 6, k: 5, s: 1 },
  { c: 1152, side: 3, k: 5, s: 1 },
] as const;

function same(side: number, k: number, s: number): { out: number; pads: number[] } {
  const out = Math.ceil(side / s);
  const total = Math.max(0, (out - 1) * s + k - side);
  const before = total >> 1;
  return { out, pads: [before, before, total - before, total - before] };
}

for (const { c, side, k, s } of DEPTHWISE) {
  const { out, pads } = same(side, k, s);
  const attributes = { kernel_shape: [k, k], strides: [s, s], dilations: [1, 1], pads, group: c };
  const image = [N, c, side, side];
  const result = [N, c, out, out];
  const inputs = { x: image, w: [c, 1, k, k] };
  await race(
    `depthwise forward ${c} ch ${side} px ${k}x${k}/${s}`,
    [
      { name: 'blocked', inputs, output: result, build: (g) => g.emit('Conv', ['x', 'w'], attributes, NCHWC) },
      {
        name: 'blocked between reorders',
        inputs,
        output: result,
        build: (g) => {
          const x = g.emit('ReorderInput', ['x'], { channels_last: 0 }, NCHWC);
          const y = g.emit('Conv', [x, 'w'], attributes, NCHWC);
          return g.emit('ReorderOutput', [y], { channels: c, channels_last: 0 }, NCHWC);
        },
      },
      { name: 'grouped Conv', inputs, output: result, build: (g) => g.emit('Conv', ['x', 'w'], attributes) },
    ],
    ROUNDS,
  );
  const groups = (N * c) / BLOCK;
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  const rows = side + top + bottom - (out - 1) * s;
  const columns = side + left + right - (out - 1) * s;
  const gradient: Candidate[] = [
    {
      name: 'correlation in blocks',
      inputs: { x: [1, groups, side, (side + left + right) * BLOCK], dy: [groups * BLOCK, 1, out, out] },
      output: [(c / BLOCK) * rows * columns, BLOCK],
      build: (g) => {
        const y = g.emit(
          'Conv',
          ['x', 'dy'],
          {
            kernel_shape: [out, out],
            strides: [1, 1],
            dilations: [s, s * BLOCK],
            pads: [top, 0, bottom, 0],
            group: groups,
          },
          NCHWC,
        );
        const sum = g.emit('ReduceSum', [g.reshape(y, [N, c * rows * columns * BLOCK]), g.ints([0])], { keepdims: 0 });
        const blocks = g.reshape(sum, [(c / BLOCK) * rows * columns, BLOCK, BLOCK]);
        return g.emit('ReduceSum', [g.emit('Mul', [blocks, identity(g, BLOCK)]), g.ints([1])], { keepdims: 0 });
      },
    },
    {
      name: 'all pairs',
      inputs: { x: [N, c, side * side], dy: [N, c, out * out], pairs: [side * side * out * out, k * k] },
      output: [c, k * k],
      build: (g) => {
        const attributes = { transA: 1, transBatchA: 1, transBatchB: 1 };
        const products = g.emit('FusedMatMul', ['x', 'dy'], attributes, MICROSOFT);
        return g.emit('MatMul', [g.reshape(products, [c, side * side * out * out]), 'pairs']);
      },
    },
    {
      name: 'swapped grouped Conv',
      inputs: { x: [1, c * N, side, side], dy: [c, N, out, out] },
      output: [1, c, rows, columns],
      build: (g) => g.emit('Conv', ['x', 'dy'], { kernel_shape: [out, out], dilations: [s, s], pads, group: c }),
    },
  ];
  await race(
    `depthwise dW ${c} ch ${side} px ${k}x${k}/${s}`,
    side > 24 ? gradient.filter(({ name }) => name !== 'all pairs') : gradient,
    ROUNDS,
  );
}

const POINTWISE = [
  { i: 16, o: 96, side: 48 },
  { i: 144, o: 32, side: 24 },
  { i: 80, o: 480, side: 6 },
  { i: 672, o: 112, side: 6 },
  { i: 320, o: 1280, side: 3 },
] as const;

for (const { i, o, side } of POINTWISE) {
  const places = N * side * side;
  const attributes = { kernel_shape: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 };
  await race(
    `pointwise forward ${i} -> ${o} ch ${side} px, with relu6`,
    [
      {
        name: 'blocked',
        inputs: { x: [N, i, side, side], w: [o, i, 1, 1] },
        output: [N, o, side, side],
        build: (g) => {
          const relu6 = { activation: 'Clip', activation_params: { floats: [0, 6] } };
          return g.emit('Conv', ['x', 'w'], { ...attributes, ...relu6 }, NCHWC);
        },
      },
      {
        name: 'MatMul on channels last',
        inputs: { x: [places, i], w: [i, o] },
        output: [places, o],
        build: (g) => g.emit('Clip', [g.emit('MatMul', ['x', 'w']), g.float(0), g.float(6)]),
      },
      {
        name: 'Conv',
        inputs: { x: [N, i, side, side], w: [o, i, 1, 1] },
        output: [N, o, side, side],
        build: (g) => g.emit('Clip', [g.emit('Conv', ['x', 'w'], attributes), g.float(0), g.float(6)]),
      },
    ],
    ROUNDS,
  );
  await race(
    `pointwise dW ${i} -> ${o} ch ${side} px, from blocks`,
    [
      {
        name: 'reorders and one product',
        inputs: { x: [N, i, side, side], dy: [N, o, side, side] },
        output: [i, o],
        build: (g) => {
          const rows = (name: string, channels: number) =>
            g.reshape(g.emit('ReorderOutput', [name], { channels, channels_last: 1 }, NCHWC), [places, channels]);
          return g.emit('FusedMatMul', [rows('x', i), rows('dy', o)], { transA: 1 }, MICROSOFT);
        },
      },
      {
        name: 'a product per image',
        inputs: { x: [N, i, side, side], dy: [N, o, side, side] },
        output: [i, o],
        build: (g) => {
          const planes = (name: string, channels: number) =>
            g.reshape(g.emit('ReorderOutput', [name], { channels, channels_last: 0 }, NCHWC), [
              N,
              channels,
              side * side,
            ]);
          const products = g.emit('FusedMatMul', [planes('x', i), planes('dy', o)], { transB: 1 }, MICROSOFT);
          return g.emit('ReduceSum', [products, g.ints([0])], { keepdims: 0 });
        },
      },
    ],
    ROUNDS,
  );
}
