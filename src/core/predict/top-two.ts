/** Places of the highest and the second highest; of equals the first. */
export function topTwo(values: Float32Array): [number, number] {
  let [first, second] = values[1]! > values[0]! ? [1, 0] : [0, 1];
  for (let i = 2; i < values.length; i++) {
    if (values[i]! > values[first]!) [first, second] = [i, first];
    else if (values[i]! > values[second]!) second = i;
  }
  return [first, second];
}
