import { tf } from '../../../tf.ts';
import { sizeOf } from '../../ir.ts';
import type { Attributes, Node, Value } from '../../ir.ts';
import { BLOCKED } from '../blocked/blocks.ts';
import { FILTER } from '../blocked/filters.ts';
import { inLayout, rowMajor } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { cast, need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';

type Emit = (lowering: Lowering, operands: readonly string[], node: Node) => string;

/**
 * A rule for an op that works element by element, with numpy broadcasting, in whichever layout its operands are.
 * `in-blocks`: also in blocks of channels, whose last may hold zeros beside the channels; so only ops that are finite at 0.
 */
export function elementwise(emit: Emit, blocks: 'in-blocks' | 'plain' = 'plain'): LoweringRule {
  return (lowering, node) => {
    const out = result(node);
    const values = node.inputs.map(([, value]) => value);
    const size = sizeOf(out.shape);
    const full = values.some((v) => lowering.isFull(v, size));
    if (!full && size > 1 && stayBroadcast(lowering, node, values, emit)) return;
    const inBlocks = lowering.blocksToWorkIn(values, out.shape);
    // A filter has whole blocks only.
    if (inBlocks === FILTER || (inBlocks && blocks === 'in-blocks')) {
      const operands = values.map((v) =>
        inBlocks === FILTER ? lowering.filterOperand(v, out.shape) : lowering.operand(v, BLOCKED, 4),
      );
      return lowering.set(out, emit(lowering, operands, node), inBlocks);
    }
    const layout = lowering.preferredLayout(values, out.shape);
    const operands = values.map((v) => lowering.operand(v, layout, out.shape.length));
    const name = emit(lowering, operands, node);
    const scalar = values.every((v) => lowering.splatOf(v) !== undefined) && out.shape.length > 0;
    lowering.set(
      out,
      scalar ? lowering.graph.emit('Expand', [name, lowering.graph.ints(inLayout(out.shape, layout))]) : name,
      layout,
    );
  };
}

/** All operands are broadcasts of something smaller: compute the small result and broadcast that. */
function stayBroadcast(lowering: Lowering, node: Node, values: readonly Value[], emit: Emit): boolean {
  if (!values.some((v) => lowering.broadcastSource(v))) return false;
  const out = result(node);
  const sources = values.map((v) => lowering.broadcastSource(v) ?? v);
  const shape = sources
    .map((v) => (lowering.splatOf(v) !== undefined ? [] : [...v.shape]))
    .reduce((a, b) => tf.backend_util.assertAndGetBroadcastShape(a, b));
  if (sizeOf(shape) >= sizeOf(out.shape)) return false;
  const layout = rowMajor(shape.length);
  const name = emit(
    lowering,
    sources.map((v) => lowering.operand(v, layout, shape.length)),
    node,
  );
  lowering.setBroadcast(out, lowering.temporary(shape, out.dtype, name));
  return true;
}

const op = (name: string, blocks: 'in-blocks' | 'plain' = 'plain'): LoweringRule =>
  elementwise((l, x) => l.graph.emit(name, x), blocks);

/** Operands cast to the result's type: TF.js allows bool and int32 beside float32. */
const alike =
  (name: string, blocks: 'in-blocks' | 'plain' = 'plain'): LoweringRule =>
  (lowering, node, inputs) =>
    elementwise((l, x) => l.graph.emit(name, castOperands(l, x, node)), blocks)(lowering, node, inputs);

function castOperands(lowering: Lowering, operands: readonly string[], node: Node): string[] {
  const { dtype } = result(node);
  return operands.map((x, i) => (node.inputs[i]?.[1].dtype === dtype ? x : cast(lowering, x, dtype)));
}

/** 1 where y > 0, else 0; for y ≥ 0. One pass, where a comparison and a cast take two. */
const above = (lowering: Lowering, y: string): string =>
  lowering.graph.emit('HardSigmoid', [y], { alpha: { float: 1e30 }, beta: { float: 0 } });

const number = (attributes: Attributes, name: string): number => Number(attributes[name] ?? 0);

/** Products with a splat (gradients of sums and means) stay broadcasts, or vanish. */
const multiply: LoweringRule = (lowering, node, inputs) => {
  const out = result(node);
  const a = need(inputs, 'a');
  const b = need(inputs, 'b');
  for (const [p, q] of [
    [a, b],
    [b, a],
  ] as const) {
    const splat = lowering.splatOf(p);
    if (splat === undefined || p.dtype !== 'float32' || q.dtype !== 'float32') continue;
    if (splat === 1 && q.shape.join() === out.shape.join()) return lowering.setSame(out, q);
    if (sizeOf(q.shape) >= sizeOf(out.shape)) continue;
    const source = lowering.broadcastSource(q) ?? q;
    if (lowering.splatOf(source) !== undefined) continue;
    if (splat === 1) return lowering.setBroadcast(out, source);
    const layout = lowering.layoutOf(source);
    const scaled = lowering.graph.emit('Mul', [lowering.get(source, layout), lowering.graph.float(splat)]);
    return lowering.setBroadcast(out, lowering.temporary(source.shape, 'float32', scaled, layout));
  }
  alike('Mul', 'in-blocks')(lowering, node, inputs);
};

export const elementwiseRules: LoweringRules = {
  Abs: op('Abs', 'in-blocks'),
  Neg: op('Neg', 'in-blocks'),
  Exp: op('Exp'),
  Log: op('Log'),
  Sqrt: op('Sqrt'),
  Sigmoid: op('Sigmoid', 'in-blocks'),
  Tanh: op('Tanh'),
  Erf: op('Erf'),
  Relu: op('Relu', 'in-blocks'),
  Sign: op('Sign'),
  Floor: op('Floor'),
  Ceil: op('Ceil'),
  Round: op('Round'),
  Reciprocal: op('Reciprocal'),
  Sin: op('Sin'),
  Cos: op('Cos'),
  Softplus: op('Softplus'),
  Selu: op('Selu'),
  Elu: op('Elu'),
  Prelu: op('PRelu'),
  Maximum: alike('Max', 'in-blocks'),
  Minimum: alike('Min', 'in-blocks'),
  Add: alike('Add', 'in-blocks'),
  Sub: alike('Sub', 'in-blocks'),
  Multiply: multiply,
  LogicalAnd: op('And'),
  LogicalOr: op('Or'),
  LogicalNot: op('Not'),
  Greater: op('Greater'),
  GreaterEqual: op('GreaterOrEqual'),
  Less: op('Less'),
  LessEqual: op('LessOrEqual'),
  Equal: op('Equal'),
  NotEqual: elementwise((l, x) => l.graph.emit('Not', [l.graph.emit('Equal', x)])),
  Select: elementwise((l, x) => l.graph.emit('Where', x)),
  AddN: elementwise((l, x) => (x.length === 1 ? (x[0] as string) : l.graph.emit('Sum', x)), 'in-blocks'),
  Square: elementwise((l, [x = '']) => l.graph.emit('Mul', [x, x]), 'in-blocks'),
  Rsqrt: elementwise((l, x) => l.graph.emit('Reciprocal', [l.graph.emit('Sqrt', x)])),
  Log1p: elementwise((l, [x = '']) => l.graph.emit('Log', [l.graph.emit('Add', [x, l.graph.float(1)])])),
  Expm1: elementwise((l, x) => l.graph.emit('Sub', [l.graph.emit('Exp', x), l.graph.float(1)])),
  SquaredDifference: elementwise((l, x) => {
    const difference = l.graph.emit('Sub', x);
    return l.graph.emit('Mul', [difference, difference]);
  }),
  Relu6: elementwise((l, [x = '']) => l.graph.emit('Clip', [x, l.graph.float(0), l.graph.float(6)]), 'in-blocks'),
  ReluGrad: elementwise((l, [dy = '', y = '']) => l.graph.emit('Mul', [dy, above(l, y)]), 'in-blocks'),
  Relu6Grad: elementwise((l, [dy = '', y = '']) => {
    const inside = l.graph.emit('And', [
      l.graph.emit('Greater', [y, l.graph.float(0)]),
      l.graph.emit('Less', [y, l.graph.float(6)]),
    ]);
    return l.graph.emit('Mul', [dy, cast(l, inside, 'float32')]);
  }, 'in-blocks'),
  ClipByValue: elementwise((l, [x = ''], { attributes }) =>
    l.graph.emit('Clip', [
      x,
      l.graph.float(number(attributes, 'clipValueMin')),
      l.graph.float(number(attributes, 'clipValueMax')),
    ]),
  ),
  LeakyRelu: elementwise((l, x, { attributes }) =>
    l.graph.emit('LeakyRelu', x, { alpha: { float: number(attributes, 'alpha') } }),
  ),
  EluGrad: elementwise((l, [dy = '', y = '']) =>
    l.graph.emit('Where', [
      l.graph.emit('GreaterOrEqual', [y, l.graph.float(0)]),
      dy,
      l.graph.emit('Mul', [dy, l.graph.emit('Add', [y, l.graph.float(1)])]),
    ]),
  ),
  Step: elementwise((l, [x = ''], { attributes }) => {
    const positive = l.graph.emit('Greater', [x, l.graph.float(0)]);
    const alpha = number(attributes, 'alpha');
    return alpha
      ? l.graph.emit('Where', [positive, l.graph.float(1), l.graph.float(alpha)])
      : cast(l, positive, 'float32');
  }),
  Cast: elementwise((l, [x = ''], node) => cast(l, x, result(node).dtype)),
  Mod: elementwise((l, x) => {
    const [a = '', b = ''] = x;
    return l.graph.emit('Sub', [a, l.graph.emit('Mul', [l.graph.emit('Floor', [l.graph.emit('Div', [a, b])]), b])]);
  }),
  FloorDiv: elementwise((l, x, node) => {
    if (result(node).dtype !== 'int32') return l.graph.emit('Floor', [l.graph.emit('Div', x)]);
    return cast(
      l,
      l.graph.emit('Floor', [
        l.graph.emit(
          'Div',
          x.map((y) => cast(l, y, 'float32')),
        ),
      ]),
      'int32',
    );
  }),
  RealDiv: alike('Div'),
  Pow: (lowering, node, inputs) => {
    const square = lowering.splatOf(need(inputs, 'b')) === 2;
    elementwise((l, [x = '', exponent = '']) =>
      square ? l.graph.emit('Mul', [x, x]) : l.graph.emit('Pow', castOperands(l, [x, exponent], node)),
    )(lowering, node, inputs);
  },
};
