import { reductionAxes } from '../../shapes/reduce.ts';
import { axisIn } from '../layout.ts';
import { cast, need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';

const reduce =
  (op: string): LoweringRule =>
  (lowering, node, inputs) => {
    const x = need(inputs, 'x');
    const axes = reductionAxes(node.attributes, x.shape);
    const reduced = lowering.reduce(op, x, axes, node.attributes['keepDims'] === true);
    lowering.set(result(node), reduced.name, reduced.layout);
  };

/** ReduceSum of bool: TF.js counts in int32. */
const sum: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  if (x.dtype !== 'bool') return reduce('ReduceSum')(lowering, node, inputs);
  const counted = lowering.temporary(x.shape, 'int32', cast(lowering, lowering.get(x), 'int32'));
  reduce('ReduceSum')(lowering, node, { x: counted });
};

const mean: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  if (x.dtype === 'float32') return reduce('ReduceMean')(lowering, node, inputs);
  const real = lowering.temporary(x.shape, 'float32', cast(lowering, lowering.get(x), 'float32'));
  reduce('ReduceMean')(lowering, node, { x: real });
};

const logical =
  (op: string): LoweringRule =>
  (lowering, node, inputs) => {
    const x = need(inputs, 'x');
    const axes = reductionAxes(node.attributes, x.shape);
    const keepdims = node.attributes['keepDims'] === true ? 1 : 0;
    const counted = lowering.graph.emit(op, [cast(lowering, lowering.get(x), 'int32'), lowering.graph.ints(axes)], {
      keepdims,
    });
    lowering.set(result(node), cast(lowering, counted, 'bool'));
  };

const arg =
  (op: string): LoweringRule =>
  (lowering, node, inputs) => {
    const x = need(inputs, 'x');
    const [axis = 0] = reductionAxes(node.attributes, x.shape);
    lowering.set(
      result(node),
      cast(lowering, lowering.graph.emit(op, [lowering.get(x)], { axis, keepdims: 0 }), 'int32'),
    );
  };

const normalise =
  (op: string): LoweringRule =>
  (lowering, node, inputs) => {
    const x = need(inputs, 'logits');
    const dim = (node.attributes['dim'] ?? node.attributes['axis'] ?? -1) as number;
    const layout = lowering.layoutOf(x);
    const axis = axisIn(layout, dim < 0 ? dim + x.shape.length : dim);
    lowering.set(result(node), lowering.graph.emit(op, [lowering.get(x, layout)], { axis }), layout);
  };

export const reduceRules: LoweringRules = {
  Sum: sum,
  Mean: mean,
  Max: reduce('ReduceMax'),
  Min: reduce('ReduceMin'),
  Prod: reduce('ReduceProd'),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: arg('ArgMax'),
  ArgMin: arg('ArgMin'),
  Softmax: normalise('Softmax'),
  LogSoftmax: normalise('LogSoftmax'),
  Cumsum: (lowering, node, inputs) => {
    const { axis, exclusive, reverse } = node.attributes as { axis: number; exclusive: boolean; reverse: boolean };
    const at = lowering.graph.constant([], BigInt64Array.of(BigInt(axis)), 'int64');
    const attributes = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
    lowering.set(result(node), lowering.graph.emit('CumSum', [lowering.get(need(inputs, 'x')), at], attributes));
  },
  TopK: (lowering, node, inputs) => {
    const { k, sorted } = node.attributes as { k: number; sorted: boolean };
    const x = lowering.get(need(inputs, 'x'));
    const [values = '', indices = ''] = lowering.graph.emitMany('TopK', [x, lowering.graph.ints([k])], 2, {
      axis: -1,
      sorted: sorted ? 1 : 0,
    });
    lowering.set(result(node), values);
    lowering.set(result(node, 1), cast(lowering, indices, 'int32'));
  },
};
