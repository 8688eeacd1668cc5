import { basename } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { Backbone, ParamSpec } from '../backbones/types.ts';
import type { HostTensor, HostTree } from '../nn/types.ts';
import { fromTorch, torchShape } from './layout.ts';
import { malformed } from './safetensors-header.ts';
import { readSafetensors } from './safetensors.ts';

/** The classifier of timm's and torchvision's files, which no backbone here has. */
const classifierNames = /^(classifier|fc|head\.fc|head)\.(weight|bias)$/;

/**
 * Loads a backbone's parameters from a .safetensors file with timm's names and PyTorch's layouts.
 * The classifier is left out. Nothing else may be missing, left over or of another shape.
 *
 * @param expectedSha256 of the file, where it is known
 * @returns a tree with every name of `backbone.params`, in the engine's layouts, float32
 * @throws AppError `weights.not-found`, `weights.format`, `weights.hash`, `weights.missing`, `weights.extra`,
 *   `weights.shape`
 */
export async function loadBackboneWeights(
  backbone: Backbone,
  file: string,
  expectedSha256?: string,
): Promise<HostTree> {
  return (await readBackboneWeights(backbone, file, expectedSha256)).tree;
}

/** As `loadBackboneWeights`, with the hash of the file. */
export async function readBackboneWeights(
  backbone: Backbone,
  file: string,
  expectedSha256?: string,
): Promise<{ tree: HostTree; sha256: string }> {
  const { tensors, sha256 } = await readSafetensors(file);
  const shown = basename(file);
  if (expectedSha256 !== undefined && sha256 !== expectedSha256) {
    throw new AppError('weights.hash', { file: shown, expected: expectedSha256, actual: sha256 });
  }
  const wanted = new Set(backbone.params.map(({ name }) => name));
  const missing = [...wanted].filter((name) => !Object.hasOwn(tensors, name));
  const extra = Object.keys(tensors).filter((name) => !wanted.has(name) && !classifierNames.test(name));
  for (const [code, names] of [
    ['weights.missing', missing],
    ['weights.extra', extra],
  ] as const) {
    const [tensor] = names;
    if (tensor !== undefined) {
      throw new AppError(code, { file: shown, backbone: backbone.name, tensor, count: names.length });
    }
  }
  const tree = Object.fromEntries(
    backbone.params.map((spec) => [spec.name, converted(spec, tensors[spec.name] as HostTensor, backbone, shown)]),
  );
  return { tree, sha256 };
}

function converted(spec: ParamSpec, tensor: HostTensor, backbone: Backbone, file: string): HostTensor {
  const expected = torchShape(spec).join('×');
  const actual = tensor.shape.join('×');
  if (actual !== expected || !(tensor.data instanceof Float32Array)) {
    throw new AppError('weights.shape', { file, tensor: spec.name, actual, expected, backbone: backbone.name });
  }
  if (!tensor.data.every(spec.role === 'variance' ? (value) => value >= 0 && value < Infinity : Number.isFinite)) {
    throw malformed(file, `tensor ${spec.name} holds values that cannot be weights`);
  }
  return fromTorch(spec, tensor.data);
}
