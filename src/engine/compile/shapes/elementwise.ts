import { tf } from '../../tf.ts';
import type { DType } from '../../nn/types.ts';
import { each, input, spec } from './types.ts';
import type { ShapeRule, ShapeRules } from './types.ts';

const unary: ShapeRule = (inputs) => {
  const x = inputs['x'] ?? inputs['logits'] ?? Object.values(inputs)[0];
  if (!x) throw new Error('kernel without inputs');
  return spec(x.shape, x.dtype);
};

/** @throws Error for bytes, which nothing is computed with before they are cast */
function upcast(a: DType, b: DType): DType {
  if (a === 'uint8' || b === 'uint8') throw new Error('bytes must be cast before anything is computed with them');
  return tf.upcastType(a, b) as DType;
}

const broadcast =
  (dtype?: DType): ShapeRule =>
  (inputs) => {
    const a = input(inputs, 'a');
    const b = input(inputs, 'b');
    return spec(
      tf.backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]),
      dtype ?? upcast(a.dtype, b.dtype),
    );
  };

export const elementwiseShapes: ShapeRules = {
  ...each(
    [
      'Abs',
      'Neg',
      'Exp',
      'Log',
      'Log1p',
      'Expm1',
      'Sqrt',
      'Rsqrt',
      'Square',
      'Relu',
      'Relu6',
      'Sigmoid',
      'Tanh',
      'Erf',
      'Elu',
      'Selu',
      'LeakyRelu',
      'Softplus',
      'Sign',
      'Floor',
      'Ceil',
      'Round',
      'Reciprocal',
      'Sin',
      'Cos',
      'Step',
      'ClipByValue',
      'Softmax',
      'LogSoftmax',
      'Reverse',
      'Cumsum',
      'FlipLeftRight',
      'AddN',
    ],
    unary,
  ),
  ...each(
    ['Add', 'Sub', 'Multiply', 'Maximum', 'Minimum', 'SquaredDifference', 'Pow', 'FloorDiv', 'Mod', 'RealDiv'],
    broadcast(),
  ),
  ...each(
    ['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr'],
    broadcast('bool'),
  ),
  LogicalNot: (inputs) => spec(input(inputs, 'x').shape, 'bool'),
  EluGrad: (inputs) => input(inputs, 'dy'),
  Prelu: (inputs) => spec(input(inputs, 'x').shape, 'float32'),
  Cast: (inputs, attributes) => spec(input(inputs, 'x').shape, attributes['dtype'] as DType),
  Select: (inputs) => {
    const yes = input(inputs, 't');
    const no = input(inputs, 'e');
    return spec(yes.shape, upcast(yes.dtype, no.dtype));
  },
};
