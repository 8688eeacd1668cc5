import * as tf from '@tensorflow/tfjs';
tf.env().set('PROD', true);

/**
 * The gradient of filters, op by op, reads each element through `TensorBuffer.get`, which makes an array and an
 * iterator for it: most of the time of a step. Elements of images are read without them.
 */
const { prototype } = tf.TensorBuffer;
const readAny = prototype.get;
prototype.get = function readFast(...at) {
  const [n, y, x, c] = [at[0] as number, at[1] as number, at[2] as number, at[3] as number];
  const { shape, strides } = this;
  const isInside =
    at.length === 4 &&
    shape.length === 4 &&
    n >= 0 &&
    n < shape[0]! &&
    y >= 0 &&
    y < shape[1]! &&
    x >= 0 &&
    x < shape[2]! &&
    c >= 0 &&
    c < shape[3]!;
  if (!isInside) return readAny.apply(this, at);
  return this.values[n * strides[0]! + y * strides[1]! + x * strides[2]! + c]!;
};

export { tf };
