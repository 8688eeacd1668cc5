import { sizeOf } from '../ir.ts';
import type { Graph, Node, Value } from '../ir.ts';
import { GraphView, inputOf } from './view.ts';

const CONVOLUTIONS = new Set(['Conv2D', 'DepthwiseConv2dNative']);

/**
 * Joins to a convolution what follows it and needs nothing else of it: bias, shortcut, relu or relu6. The convolution
 * gets inputs `bias` [c] and `residual`, and the attribute `activation`.
 */
export function fuseConvolutions(graph: Graph): Graph {
  const view = new GraphView(graph);
  const position = new Map(view.nodes.map((node, i) => [node, i]));
  const absorbed = new Set<Node>();
  const replaced = new Map<Node, Node>();
  for (const node of view.nodes) {
    if (!CONVOLUTIONS.has(node.kernel)) continue;
    const chain = follow(view, node, absorbed, position);
    if (!chain) continue;
    for (const member of [node, ...chain.members]) absorbed.add(member);
    replaced.set(chain.last, chain.fused);
  }
  const nodes = view.nodes.flatMap((node) => {
    const fused = replaced.get(node);
    if (fused) return [fused];
    return absorbed.has(node) ? [] : [node];
  });
  return { ...graph, nodes };
}

interface Chain {
  readonly members: readonly Node[];
  readonly last: Node;
  readonly fused: Node;
}

function follow(
  view: GraphView,
  convolution: Node,
  absorbed: ReadonlySet<Node>,
  position: ReadonlyMap<Node, number>,
): Chain | undefined {
  const inputs = [...convolution.inputs];
  const attributes: Record<string, unknown> = { ...convolution.attributes };
  const members: Node[] = [];
  let value = convolution.outputs[0] as Value;
  let bias = false;
  let residual = false;
  for (let next = view.onlyReader(value); next && !absorbed.has(next); next = view.onlyReader(value)) {
    const other = next.kernel === 'Add' ? otherOperand(next, value) : undefined;
    if (other && !bias && !residual && isChannelVector(other, value)) {
      inputs.push(['bias', other]);
      bias = true;
    } else if (other && !residual && other.shape.join() === value.shape.join() && other.splat === undefined) {
      inputs.push(['residual', other]);
      residual = true;
    } else if (next.kernel === 'Relu' || next.kernel === 'Relu6') {
      attributes['activation'] = next.kernel;
      members.push(next);
      value = next.outputs[0] as Value;
      break;
    } else break;
    members.push(next);
    value = next.outputs[0] as Value;
  }
  const last = members.reduce((a, b) => ((position.get(b) ?? 0) > (position.get(a) ?? 0) ? b : a), convolution);
  if (last === convolution) return undefined;
  return { members, last, fused: { kernel: convolution.kernel, inputs, attributes, outputs: [value] } };
}

function otherOperand(add: Node, value: Value): Value | undefined {
  const a = inputOf(add, 'a');
  const b = inputOf(add, 'b');
  if (a === b) return undefined;
  return a === value ? b : a;
}

function isChannelVector(vector: Value, image: Value): boolean {
  const channels = image.shape.at(-1) as number;
  return (
    vector.dtype === 'float32' &&
    sizeOf(vector.shape) === channels &&
    vector.shape.at(-1) === channels &&
    sizeOf(image.shape) > channels
  );
}
