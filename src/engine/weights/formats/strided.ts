/**
 * Values of a strided view, row-major.
 * @param values from the view's first element on
 * @param strides elements from one index to the next, per axis
 */
export function gather(
  values: Float32Array<ArrayBuffer>,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array<ArrayBuffer> {
  const count = shape.reduce((product, side) => product * side, 1);
  const gathered = new Float32Array(count);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    gathered[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * index[axis]!;
      index[axis] = 0;
    }
  }
  return gathered;
}
