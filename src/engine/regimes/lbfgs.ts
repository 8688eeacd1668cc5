/** A smooth function: returns its value at `x` and writes its gradient into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  /** Largest absolute entry of the gradient at `x`. */
  readonly gradient: number;
  readonly iterations: number;
}

const MEMORY = 12;
const ARMIJO = 1e-4;
const CURVATURE = 0.9;

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
};
const largest = (a: Float64Array): number => {
  let most = 0;
  for (const value of a) most = Math.max(most, Math.abs(value));
  return most;
};

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/** −H·g by the two-loop recursion (Nocedal and Wright, Numerical Optimization, algorithm 7.4). */
function direction(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = Float64Array.from(gradient, (value) => -value);
  const alphas: number[] = [];
  for (const { s, y, rho } of pairs.toReversed()) {
    const alpha = rho * dot(s, q);
    alphas.push(alpha);
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) - alpha * (y[i] as number);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) * scale;
  }
  for (const { s, y, rho } of pairs) {
    const change = (alphas.pop() as number) - rho * dot(y, q);
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) + change * (s[i] as number);
  }
  return q;
}

/**
 * Limited-memory BFGS in float64 with a weak Wolfe line search by bisection (Lewis and Overton, 2013).
 * Deterministic; stops when every entry of the gradient is below `tolerance`, or no step improves any more.
 */
export function minimise(objective: Objective, start: Float64Array, tolerance = 1e-7, maxIterations = 2000): Minimum {
  let x = Float64Array.from(start);
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  let pairs: Pair[] = [];
  let iteration = 0;
  for (; iteration < maxIterations && largest(gradient) > tolerance; iteration++) {
    const step = direction(gradient, pairs);
    const slope = dot(step, gradient);
    // Close to the optimum differences of values drown in rounding; this much is then let pass.
    const slack = 1e-14 * Math.abs(value);
    const nextX = new Float64Array(x.length);
    const nextGradient = new Float64Array(x.length);
    let nextValue = value;
    let low = 0;
    let high = Infinity;
    let length = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let found = false;
    for (let trial = 0; trial < 50 && !found; trial++) {
      for (let i = 0; i < x.length; i++) nextX[i] = (x[i] as number) + length * (step[i] as number);
      nextValue = objective(nextX, nextGradient);
      if (!(nextValue <= value + ARMIJO * length * slope + slack)) high = length;
      else if (dot(step, nextGradient) < CURVATURE * slope) low = length;
      else found = true;
      if (!found) length = high === Infinity ? 2 * low : (low + high) / 2;
    }
    if (!found) {
      if (pairs.length === 0) break;
      pairs = [];
      continue;
    }
    const s = nextX.map((entry, i) => entry - (x[i] as number));
    const y = nextGradient.map((entry, i) => entry - (gradient[i] as number));
    const sy = dot(s, y);
    if (sy > 0) pairs = [...pairs, { s, y, rho: 1 / sy }].slice(-MEMORY);
    x = nextX;
    gradient = nextGradient;
    value = nextValue;
  }
  return { x, value, gradient: largest(gradient), iterations: iteration };
}
