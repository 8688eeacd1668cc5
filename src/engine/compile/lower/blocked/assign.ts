import { sizeOf } from '../../ir.ts';
import type { Graph, Value } from '../../ir.ts';
import { elementwiseRules } from '../portable/elementwise.ts';
import { filterShape } from './filters.ts';

const DENSE = new Set(['Conv2D', 'Conv2DBackpropInput']);

/**
 * Which state of a program lies as filters do: the filters of its dense convolutions that steps update, and what goes
 * with them element by element (averages of an optimizer, the target network).
 * @returns the shape each has in the graph, by key such as `state.online.backbone.layer1.0.conv1.weight`
 */
export function filtersInBlocks({ inputs, nodes, outputs }: Graph, block: number | undefined): Map<string, number[]> {
  const fits = (value: Value): boolean => filterShape(value.shape, block) !== undefined;
  const groups = new Groups();
  const filters: Value[] = [];
  for (const { kernel, inputs: ins, outputs: outs } of nodes) {
    for (const [name, value] of ins) if (DENSE.has(kernel) && name === 'filter' && fits(value)) filters.push(value);
    if (!Object.hasOwn(elementwiseRules, kernel)) continue;
    const whole = [...ins.map(([, value]) => value), ...outs].filter(
      (v) => fits(v) && sizeOf(v.shape) === sizeOf(outs[0]?.shape ?? []),
    );
    for (const value of whole) groups.join(value, whole[0] as Value);
  }
  const updated = [...outputs].filter(([key, value]) => key.startsWith('state.') && fits(value));
  for (const [key, value] of updated) {
    const old = inputs.get(key);
    if (old) groups.join(old, value);
  }
  const trained = new Set(updated.map(([, value]) => groups.of(value)));
  const chosen = new Set(filters.map((value) => groups.of(value)).filter((group) => trained.has(group)));
  return new Map(
    [...inputs, ...outputs].flatMap(([key, value]) => {
      const shape = filterShape(value.shape, block);
      return key.startsWith('state.') && shape && chosen.has(groups.of(value)) ? [[key, shape] as const] : [];
    }),
  );
}

/** Values in groups that grow together. */
class Groups {
  readonly #parent = new Map<Value, Value>();

  of(value: Value): Value {
    let root = value;
    for (let next = this.#parent.get(root); next; next = this.#parent.get(root)) root = next;
    return root;
  }

  join(a: Value, b: Value): void {
    const [x, y] = [this.of(a), this.of(b)];
    if (x !== y) this.#parent.set(x, y);
  }
}
