import type { Graph, Node, Value } from '../ir.ts';
import { GraphView, inputOf } from './view.ts';

/**
 * TF.js computes the gradient of relu and relu6 by masks on what went in. Masks on what came out are the same
 * (up to an input of exactly 6) and let the input go: `ReluGrad` and `Relu6Grad` of (dy, y).
 */
export function reluGradients(graph: Graph): Graph {
  const view = new GraphView(graph);
  const nodes = view.nodes.map((node) => (node.kernel === 'Multiply' ? (rewritten(view, node) ?? node) : node));
  return { ...graph, nodes };
}

function rewritten(view: GraphView, node: Node): Node | undefined {
  const a = inputOf(node, 'a') as Value;
  const b = inputOf(node, 'b') as Value;
  for (const [dy, mask] of [
    [a, b],
    [b, a],
  ] as const) {
    const found = maskOf(view, mask);
    if (!found || dy.shape.join() !== mask.shape.join()) continue;
    const y = view.readers(found.x).find((reader) => reader.kernel === found.kernel)?.outputs[0];
    if (!y) continue;
    return {
      kernel: `${found.kernel}Grad`,
      inputs: [
        ['dy', dy],
        ['y', y],
      ],
      attributes: {},
      outputs: node.outputs,
    };
  }
  return undefined;
}

/** What `mask` masks: step(x), or step(x) · (x ≤ 6). */
function maskOf(view: GraphView, mask: Value): { kernel: 'Relu' | 'Relu6'; x: Value } | undefined {
  const step = stepOf(view, mask);
  if (step) return { kernel: 'Relu', x: step };
  const product = view.producer(mask, 'Multiply');
  if (!product) return undefined;
  const a = inputOf(product, 'a') as Value;
  const b = inputOf(product, 'b') as Value;
  for (const [p, q] of [
    [a, b],
    [b, a],
  ] as const) {
    const x = stepOf(view, p);
    if (x && x === atMostSix(view, q)) return { kernel: 'Relu6', x };
  }
  return undefined;
}

function stepOf(view: GraphView, value: Value): Value | undefined {
  const step = view.producer(value, 'Step');
  return step && !step.attributes['alpha'] ? inputOf(step, 'x') : undefined;
}

function atMostSix(view: GraphView, value: Value): Value | undefined {
  const cast = view.producer(value, 'Cast');
  const compare = view.producer(cast ? (inputOf(cast, 'x') as Value) : value, 'LessEqual');
  return compare && inputOf(compare, 'b')?.splat === 6 ? inputOf(compare, 'a') : undefined;
}
