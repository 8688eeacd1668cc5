import type { OnnxModel, OnnxNode } from './encode.ts';

/** Too small to be told from 0 beside any activation, and not 0. */
const ALMOST_ZERO = 1e-30;

/**
 * Keeps ONNX Runtime (1.30 does it, 1.32 not) from folding a Pad of zeros into the MaxPool behind it, which then pads
 * with −∞: wrong where the input is negative. Ours is told to leave that; a file is opened by others.
 */
export function unfoldablePads(model: OnnxModel): OnnxModel {
  const pooled = new Set(model.nodes.filter(({ op }) => op === 'MaxPool').map(({ inputs }) => inputs[0]));
  const name = 'almost_zero';
  let used = false;
  const nodes = model.nodes.map((node): OnnxNode => {
    if (node.op !== 'Pad' || !pooled.has(node.outputs[0])) return node;
    const fill = model.constants.find((constant) => constant.name === node.inputs[2]);
    if (fill?.data[0] !== 0) return node;
    used = true;
    return { ...node, inputs: [node.inputs[0] as string, node.inputs[1] as string, name] };
  });
  if (!used) return model;
  const almost = { name, type: 'float32', shape: [], data: Float32Array.of(ALMOST_ZERO) } as const;
  return { ...model, nodes, constants: [...model.constants, almost] };
}
