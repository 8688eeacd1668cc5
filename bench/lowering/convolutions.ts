/**
 * Ways to lower what a training step of EfficientNet-Lite0 and ResNet-18 at 96 px does beside its forward convolutions,
 * from images in blocks, 128 at a time: zeros around a plane, gradients by filters, sums, masks. Milliseconds, all cores.
 *
 *   npm run bench:lowering
 */
import { MICROSOFT, NCHWC } from '../../src/engine/compile/lower/builder.ts';
import type { GraphBuilder } from '../../src/engine/compile/lower/builder.ts';
import { elementTypes } from '../../src/engine/compile/onnx/encode.ts';
import { fromBlocks, sumOfRows, surrounded } from '../../src/engine/compile/lower/blocked/blocks.ts';
import { cpuLowering } from '../../src/engine/runtime/executor.ts';
import { race } from './timing.ts';

const images = 128;
const { block = 8 } = await cpuLowering();

function table(title: string, rows: readonly (readonly [string, Record<string, number>])[]): void {
  const names = [...new Set(rows.flatMap(([, times]) => Object.keys(times)))];
  console.log(`\n| ${title} | ${names.join(' | ')} |\n|${'---|'.repeat(names.length + 1)}`);
  for (const [row, times] of rows)
    console.log(`| ${row} | ${names.map((name) => times[name]?.toFixed(1) ?? '–').join(' | ')} |`);
}

/** "Same" padding of a square plane. */
function same(side: number, k: number, s: number) {
  const out = Math.ceil(side / s);
  const total = Math.max(0, (out - 1) * s + k - side);
  return { out, before: total >> 1, behind: total - (total >> 1) };
}

const padding = [];
for (const { c, side, k, s, depthwise } of [
  { c: 32, side: 48, k: 3, s: 1, depthwise: true },
  { c: 144, side: 24, k: 5, s: 2, depthwise: true },
  { c: 672, side: 6, k: 5, s: 1, depthwise: true },
  { c: 1152, side: 3, k: 5, s: 1, depthwise: true },
  { c: 64, side: 24, k: 3, s: 1, depthwise: false },
  { c: 128, side: 12, k: 3, s: 1, depthwise: false },
  { c: 512, side: 3, k: 3, s: 1, depthwise: false },
]) {
  const { before, behind } = same(side, k, s);
  const convolution = (g: GraphBuilder, image: string, left: number, right: number): string => {
    const attributes = {
      kernel_shape: [k, k],
      strides: [s, s],
      dilations: [1, 1],
      pads: [before, left, behind, right],
    };
    return g.emit('Conv', [image, 'w'], { ...attributes, group: depthwise ? c : 1 }, NCHWC);
  };
  const times = await race(
    { x: [images, c, side, side], w: [c, depthwise ? 1 : c, k, k] },
    {
      'padding of its own': (g) => convolution(g, 'x', before, behind),
      'columns by `Pad`': (g) => {
        const rows = g.reshape('x', [(images * c * side) / block, side * block]);
        const wide = g.emit('Pad', [rows, g.ints([0, before * block, 0, behind * block]), g.float(0)]);
        return convolution(g, g.reshape(wide, [images, c, side, side + before + behind]), 0, 0);
      },
      'columns by one pixel': (g) => convolution(g, surrounded(g, 'x', c, [0, before, 0, behind], block), 0, 0),
    },
  );
  padding.push([
    `${c} channels, ${side} px, ${k}×${k}${s > 1 ? '/2' : ''}${depthwise ? ', depthwise' : ''}`,
    times,
  ] as const);
}
table('forward, with zeros around', padding);

/** Most places of x times places of dy that are all multiplied. */
const mostPairs = 144 * 144;
const depthwise = [];
for (const { c, side, k, s } of [
  { c: 32, side: 48, k: 3, s: 1 },
  { c: 96, side: 48, k: 3, s: 2 },
  { c: 144, side: 24, k: 5, s: 2 },
  { c: 240, side: 12, k: 5, s: 1 },
  { c: 672, side: 6, k: 5, s: 1 },
  { c: 1152, side: 3, k: 5, s: 1 },
]) {
  const { out, before, behind } = same(side, k, s);
  const all = images * c;
  const planes = (g: GraphBuilder, name: string, places: number): string =>
    g.reshape(fromBlocks(g, name, c, false), [images, c, places]);
  const times = await race(
    { x: [images, c, side, side], dy: [images, c, out, out] },
    {
      'depthwise, dy as filter': (g) => {
        const pads = [before, before, behind, behind];
        const attributes = { kernel_shape: [out, out], strides: [1, 1], dilations: [s, s], pads, group: all };
        return g.emit(
          'Conv',
          [g.reshape('x', [1, all, side, side]), g.reshape('dy', [all, 1, out, out])],
          attributes,
          NCHWC,
        );
      },
      'blocks as groups': (g) => {
        const wide = surrounded(g, 'x', c, [0, before, 0, behind], block);
        const rows = g.reshape(wide, [1, all / block, side, (side + before + behind) * block]);
        const pads = [before, 0, behind, 0];
        const attributes = { kernel_shape: [out, out], strides: [1, 1], dilations: [s, s * block], pads };
        return g.emit(
          'Conv',
          [rows, g.reshape('dy', [all, 1, out, out])],
          { ...attributes, group: all / block },
          NCHWC,
        );
      },
      'all pairs of places':
        side * side * out * out > mostPairs
          ? undefined
          : (g) => {
              const attributes = { transA: 1, transBatchA: 1, transBatchB: 1 };
              return g.emit(
                'FusedMatMul',
                [planes(g, 'x', side * side), planes(g, 'dy', out * out)],
                attributes,
                MICROSOFT,
              );
            },
    },
  );
  depthwise.push([`${c} channels, ${side} px, ${k}×${k}${s > 1 ? '/2' : ''}`, times] as const);
}
table('gradient by a depthwise filter', depthwise);

const pointwise = [];
for (const { i, o, side } of [
  { i: 16, o: 96, side: 48 },
  { i: 144, o: 24, side: 24 },
  { i: 240, o: 40, side: 12 },
  { i: 112, o: 672, side: 6 },
  { i: 192, o: 1152, side: 3 },
]) {
  const plane = side * side;
  const lying = (g: GraphBuilder, name: string, channels: number, last: boolean): string =>
    g.reshape(fromBlocks(g, name, channels, last), last ? [images * plane, channels] : [images, channels, plane]);
  /** Groups of `together` images whose sums are added up. */
  const grouped = (g: GraphBuilder, together: number): string => {
    const [groups, places] = [images / together, plane * together];
    const joined = (name: string, channels: number): string => {
      const dims = [groups, together, channels / block, plane * block];
      return together === 1 ? name : g.emit('Transpose', [g.reshape(name, dims)], { perm: [0, 2, 1, 3] });
    };
    const image = g.reshape(joined('x', i), [1, groups, i / block, places * block]);
    const filters = g.reshape(joined('dy', o), [groups * o, 1, 1, places]);
    const attributes = { kernel_shape: [1, places], strides: [1, 1], dilations: [1, block], pads: [0, 0, 0, 0] };
    return sumOfRows(g, g.emit('Conv', [image, filters], { ...attributes, group: groups }, NCHWC), [groups, i * o]);
  };
  const times = await race(
    { x: [images, i, side, side], dy: [images, o, side, side] },
    {
      'a group for each image': (g) => grouped(g, 1),
      'images joined up to 2,304 places':
        plane >= 1152 ? undefined : (g) => grouped(g, Math.min(images, 2 ** Math.floor(Math.log2(2304 / plane)))),
      'one product': (g) =>
        g.emit('FusedMatMul', [lying(g, 'x', i, true), lying(g, 'dy', o, true)], { transA: 1 }, MICROSOFT),
      'a product for each image': (g) => {
        const products = g.emit(
          'FusedMatMul',
          [lying(g, 'x', i, false), lying(g, 'dy', o, false)],
          { transB: 1 },
          MICROSOFT,
        );
        return g.emit('ReduceSum', [products, g.ints([0])], { keepdims: 0 });
      },
    },
  );
  pointwise.push([`${i} → ${o} channels, ${side} px`, times] as const);
}
table('gradient by a pointwise filter', pointwise);

const sums = [];
for (const { c, side } of [
  { c: 96, side: 48 },
  { c: 144, side: 24 },
  { c: 1152, side: 3 },
]) {
  const times = await race(
    { x: [images, c, side, side] },
    {
      '`GlobalAveragePool` of blocks': (g) => g.emit('GlobalAveragePool', ['x'], {}, NCHWC),
      '`ReduceSum`': (g) =>
        g.emit('ReduceSum', [g.reshape('x', [(images * c) / block, side * side, block]), g.ints([1])]),
    },
  );
  sums.push([`${c} channels, ${side} px`, times] as const);
}
table('sum over a plane', sums);
const masks = [];
for (const shape of [
  [images, 96, 48, 48],
  [images, 480, 6, 6],
]) {
  const between = (g: GraphBuilder): string => {
    const inside = g.emit('And', [g.emit('Greater', ['y', g.float(0)]), g.emit('Less', ['y', g.float(6)])]);
    return g.emit('Cast', [inside], { to: elementTypes.float32 });
  };
  const step = (g: GraphBuilder, slope: number, at: number): string =>
    g.emit('HardSigmoid', ['y'], { alpha: { float: slope }, beta: { float: at } });
  const times = await race(
    { y: shape, dy: shape },
    {
      'two comparisons': (g) => g.emit('Mul', ['dy', between(g)]),
      'two `HardSigmoid`s': (g) =>
        g.emit('Mul', [g.emit('Mul', ['dy', step(g, 2 ** 100, 0)]), step(g, -(2 ** 100), 6 * 2 ** 100)]),
    },
  );
  masks.push([`${shape[1]} channels, ${shape[2]} px`, times] as const);
}
table('gradient through ReLU6', masks);
process.exit(0);
