import type { tf as TF } from '../../tf.ts';
import { tf } from '../../tf.ts';
import { callComposite, defineComposite } from '../../compile/composite.ts';
import { MICROSOFT } from '../../compile/lower/builder.ts';
import { elementwise } from '../../compile/lower/portable/elementwise.ts';

const NAME = 'Swish';
const GRADIENT = 'SwishGrad';

defineComposite({
  name: NAME,
  infer: ({ x }) => [{ shape: x?.shape ?? [], dtype: 'float32' }],
  compose: ({ x }) => [tf.mul(x as TF.Tensor, tf.sigmoid(x as TF.Tensor))],
  gradient: {
    inputs: ['x'],
    outputs: [true],
    backward: ([dy], [x, y]) => {
      const kept = { dy, x, y } as Record<string, TF.Tensor>;
      return { x: callComposite(GRADIENT, kept)[0] as TF.Tensor };
    },
  },
  lower: elementwise(({ graph, options }, [x = '']) => {
    // One pass where ONNX Runtime's own operators may be used.
    if (options.block !== undefined) return graph.emit('QuickGelu', [x], { alpha: { float: 1 } }, MICROSOFT);
    return graph.emit('Mul', [x, graph.emit('Sigmoid', [x])]);
  }, 'in-blocks'),
});

defineComposite({
  name: GRADIENT,
  infer: ({ x }) => [{ shape: x?.shape ?? [], dtype: 'float32' }],
  compose: (inputs) => {
    const { dy, x, y } = inputs as Record<'dy' | 'x' | 'y', TF.Tensor>;
    return [tf.mul(dy, tf.add(y, tf.mul(tf.sigmoid(x), tf.sub(1, y))))];
  },
  lower: elementwise(({ graph }, [dy = '', x = '', y = '']) => {
    const rest = graph.emit('Mul', [graph.emit('Sigmoid', [x]), graph.emit('Sub', [graph.float(1), y])]);
    return graph.emit('Mul', [dy, graph.emit('Add', [y, rest])]);
  }, 'in-blocks'),
});

/** Swish or SiLU, x · σ(x) (Ramachandran et al. 2017, equation 1). Its slope is y + σ(x)(1 − y). */
export function swish<T extends TF.Tensor>(x: T): T {
  return callComposite(NAME, { x })[0] as T;
}
