import { tf } from '../tf.ts';

interface Call {
  readonly inputs: Readonly<Record<string, tf.Tensor4D>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly backend: unknown;
}
type Native = (call: Call) => tf.Tensor4D;
/** One kernel with `pad` pixels around, by the same kernel without any. */
type Padded = (call: Call, pad: number, native: Native) => tf.Tensor4D;

const without = (attrs: Call['attrs']) => ({ ...attrs, pad: 'valid' });

const padInput: Padded = ({ inputs, attrs, backend }, pad, native) => {
  const around: [number, number] = [pad, pad];
  const x = tf.pad(inputs['x'] as tf.Tensor4D, [[0, 0], around, around, [0, 0]]);
  return native({ inputs: { ...inputs, x }, attrs: without(attrs), backend });
};

const cropGradient: Padded = ({ inputs, attrs, backend }, pad, native) => {
  const [n, h, w, c] = attrs['inputShape'] as [number, number, number, number];
  const inputShape = [n, h + 2 * pad, w + 2 * pad, c];
  const dx = native({ inputs, attrs: { ...without(attrs), inputShape }, backend });
  return tf.slice(dx, [0, pad, pad, 0], [n, h, w, c]);
};

const kernels: Readonly<Record<string, Padded>> = {
  [tf.Conv2D]: padInput,
  [tf.Conv2DBackpropInput]: cropGradient,
  [tf.Conv2DBackpropFilter]: padInput,
  [tf.DepthwiseConv2dNative]: padInput,
  [tf.DepthwiseConv2dNativeBackpropInput]: cropGradient,
  [tf.DepthwiseConv2dNativeBackpropFilter]: padInput,
};

/**
 * Teaches the native backend convolutions padded by a number of pixels on every side, as ResNet and BiT pad. It refuses
 * them ("supports only 'valid' and 'same' padding"), so the pixels are added to the image, or cut off its gradient.
 * The programs keep their one way of padding, which the lowering to ONNX knows. Call it once the backend is there.
 */
export function padForNative(backendName: string): void {
  for (const [kernelName, padded] of Object.entries(kernels)) {
    const native = tf.getKernel(kernelName, backendName).kernelFunc as unknown as Native;
    const kernelFunc = (call: Call): tf.Tensor4D => {
      const { pad } = call.attrs;
      return typeof pad === 'number' ? tf.tidy(() => padded(call, pad, native)) : native(call);
    };
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({ kernelName, backendName, kernelFunc } as unknown as tf.KernelConfig);
  }
}
