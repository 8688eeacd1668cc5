import type { tf as TF } from '../../tf.ts';
import { tf } from '../../tf.ts';
import { callComposite, defineComposite } from '../../compile/composite.ts';
import { MICROSOFT } from '../../compile/lower/builder.ts';
import type { GraphBuilder } from '../../compile/lower/builder.ts';
import { elementwise } from '../../compile/lower/portable/elementwise.ts';

const NAME = 'Gelu';
const GRADIENT = 'GeluGrad';
/** Density of the normal distribution at its mean. */
const PEAK = 1 / Math.sqrt(2 * Math.PI);

/** Φ(x), the distribution function of the standard normal distribution. */
const distribution = (x: TF.Tensor): TF.Tensor => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);

const loweredDistribution = (g: GraphBuilder, x: string): string => {
  const erf = g.emit('Erf', [g.emit('Mul', [x, g.float(Math.SQRT1_2)])]);
  return g.emit('Mul', [g.emit('Add', [erf, g.float(1)]), g.float(0.5)]);
};

defineComposite({
  name: NAME,
  infer: ({ x }) => [{ shape: x?.shape ?? [], dtype: 'float32' }],
  compose: ({ x }) => [tf.mul(x as TF.Tensor, distribution(x as TF.Tensor))],
  gradient: {
    inputs: ['x'],
    backward: ([dy], [x]) => ({
      x: callComposite(GRADIENT, { dy, x } as Record<string, TF.Tensor>)[0] as TF.Tensor,
    }),
  },
  lower: elementwise(({ graph, options }, [x = '']) => {
    // One pass where ONNX Runtime's own operators may be used.
    if (options.block !== undefined) return graph.emit('Gelu', [x], {}, MICROSOFT);
    return graph.emit('Mul', [x, loweredDistribution(graph, x)]);
  }),
});

defineComposite({
  name: GRADIENT,
  infer: ({ x }) => [{ shape: x?.shape ?? [], dtype: 'float32' }],
  compose: (inputs) => {
    const { dy, x } = inputs as Record<'dy' | 'x', TF.Tensor>;
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), PEAK);
    return [tf.mul(dy, tf.add(distribution(x), tf.mul(x, density)))];
  },
  lower: elementwise(({ graph: g }, [dy = '', x = '']) => {
    const exponent = g.emit('Mul', [g.emit('Mul', [x, x]), g.float(-0.5)]);
    const density = g.emit('Mul', [g.emit('Exp', [exponent]), g.float(PEAK)]);
    const slope = g.emit('Add', [loweredDistribution(g, x), g.emit('Mul', [x, density])]);
    return g.emit('Mul', [dy, slope]);
  }),
});

/** x · Φ(x) in its exact form (Hendrycks and Gimpel 2016, section 2), as timm's transformers have it. */
export function gelu<T extends TF.Tensor>(x: T): T {
  return callComposite(NAME, { x })[0] as T;
}
