import type { OnnxModel, OnnxNode, OnnxPort, OnnxTensor } from './encode.ts';

/**
 * The length a program is traced at for `anyLength`: a prime above every size there is in a program, so that whatever
 * is divisible by it comes from this length.
 */
export const TRACED_LENGTH = 1_000_003;

const comesFromLength = (value: number | bigint): boolean => {
  const whole = Number(value);
  return whole !== 0 && whole % TRACED_LENGTH === 0;
};

/**
 * Frees a graph of the length it was traced at: the first axis of its inputs and outputs may have any. The one size of
 * a Reshape that follows from it becomes −1, which every runtime finds by itself.
 * @param model traced at `TRACED_LENGTH`
 * @param axis name of the free axis
 * @throws Error where anything else depends on the length
 */
export function anyLength(model: OnnxModel, axis: string): OnnxModel {
  const refuse = (what: string): never => {
    throw new Error(`${what} depends on the number of images`);
  };
  const sizes = new Set<string>();
  const constants = model.constants.map((constant): OnnxTensor => {
    const { name, type, shape, data } = constant;
    if (shape.some(comesFromLength)) refuse(`the shape of ${name}`);
    if (!(data instanceof BigInt64Array) || !data.some(comesFromLength)) return constant;
    if (data.filter(comesFromLength).length > 1 || data.includes(-1n)) refuse(`more than one size of ${name}`);
    sizes.add(name);
    return { name, type, shape, data: data.map((value) => (comesFromLength(value) ? -1n : value)) };
  });
  const check = ({ op, inputs, attributes }: OnnxNode): void => {
    const numbers = Object.values(attributes).flat();
    if (numbers.some((value) => typeof value === 'number' && comesFromLength(value))) refuse(`an attribute of ${op}`);
    inputs.forEach((input, place) => {
      if (sizes.has(input) && !(op === 'Reshape' && place === 1)) refuse(`an input of ${op}`);
    });
  };
  model.nodes.forEach(check);
  const free = (port: OnnxPort): OnnxPort => ({ ...port, anyLength: axis });
  return { ...model, constants, inputs: model.inputs.map(free), outputs: model.outputs.map(free) };
}
