/**
 * Temperature scaling (Guo et al. 2017, section 4.2): one number T by which the logarithms of all probabilities are
 * divided before they are brought to a sum of 1 again. It changes how sure a model says it is, never what it names.
 */

/** Labels without a say: what T is pulled to 1 by, as a standard deviation of ln T. With few labels, all named correctly, T would otherwise be 0. */
const priorDeviation = 0.5;
const widest = Math.log(20);
const tiny = 1e-12;

/** `probabilities` [n, classes] at temperature `temperature`, rows summing to 1. */
export function atTemperature(probabilities: ArrayLike<number>, classes: number, temperature: number): Float64Array {
  const out = Float64Array.from(probabilities, (value) => Math.log(Math.max(tiny, value)) / temperature);
  for (let at = 0; at < out.length; at += classes) {
    const row = out.subarray(at, at + classes);
    const most = Math.max(...row);
    let total = 0;
    row.forEach((value, k) => (total += row[k] = Math.exp(value - most)));
    row.forEach((value, k) => (row[k] = value / total));
  }
  return out;
}

/** The mean of several models' probabilities [n, classes], each at the temperature: what is applied. */
export function meanAtTemperature(
  models: readonly ArrayLike<number>[],
  classes: number,
  temperature: number,
): Float64Array {
  const scaled = models.map((probabilities) => atTemperature(probabilities, classes, temperature));
  return scaled[0]!.map((_, i) => scaled.reduce((sum, each) => sum + each[i]!, 0) / scaled.length);
}

/**
 * The T with the smallest mean log loss of the models' mean, with a normal prior about 1 on ln T that fades as labels
 * grow.
 * @param models probabilities [n, classes] of each, of labels that those who said them had not learned from
 * @returns T in 1/20..20
 */
export function fitTemperature(
  models: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  classes: number,
): number {
  const cost = (logT: number): number => {
    const scaled = meanAtTemperature(models, classes, Math.exp(logT));
    let loss = logT ** 2 / (2 * priorDeviation ** 2);
    for (let i = 0; i < labels.length; i++) loss -= Math.log(Math.max(tiny, scaled[i * classes + labels[i]!]!));
    return loss;
  };
  // One model's loss has one minimum in 1/T, and the prior one at 1: between the two lies that of the sum.
  let [low, high] = [-widest, widest];
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [high - golden * (high - low), low + golden * (high - low)];
  let [costA, costB] = [cost(a), cost(b)];
  while (high - low > 1e-6) {
    if (costA < costB) {
      [high, b, costB] = [b, a, costA];
      a = high - golden * (high - low);
      costA = cost(a);
    } else {
      [low, a, costA] = [a, b, costB];
      b = low + golden * (high - low);
      costB = cost(b);
    }
  }
  return Math.exp((low + high) / 2);
}
