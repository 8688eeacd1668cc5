import { AppError } from '../../contract/errors.ts';
import type { Backbone, ParamSpec } from '../backbones/types.ts';
import type { HostTree } from '../nn/types.ts';
import { isFloat } from './formats/element-types.ts';
import { malformed } from './formats/malformed.ts';
import { openSource } from './formats/open.ts';
import type { StoredTensor, WeightsSource } from './formats/source.ts';
import { withWeightsFile, type WeightsFile } from './formats/weights-file.ts';
import { fromTorch, torchShape, toTorch } from './layout.ts';
import { matchBackbone, type Match } from './match.ts';

/** A backbone's parameters as a file has them. */
export interface ReadWeights {
  /** Every name of `backbone.params`, row-major in PyTorch's layout. */
  readonly values: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  readonly format: WeightsSource['format'];
  readonly match: Match;
}

/**
 * Loads a backbone's parameters. The classifier is left out.
 *
 * @param expectedSha256 of the file
 * @returns a tree with every name of `backbone.params`, in the engine's layouts, float32
 * @throws AppError `weights.hash` and those of `readBackboneWeights`
 */
export async function loadBackboneWeights(
  backbone: Backbone,
  path: string,
  expectedSha256?: string,
): Promise<HostTree> {
  return withWeightsFile(path, undefined, async (file) => {
    const actual = expectedSha256 === undefined ? undefined : await file.sha256();
    if (expectedSha256 !== undefined && actual !== expectedSha256) {
      throw new AppError('weights.hash', { file: file.name, expected: expectedSha256, actual: String(actual) });
    }
    const { values } = await readBackboneWeights(backbone, file);
    return Object.fromEntries(backbone.params.map((spec) => [spec.name, fromTorch(spec, values.get(spec.name)!)]));
  });
}

/**
 * Reads a backbone's parameters out of a file of any format, by any of the names its family is published under.
 * Nothing may be missing, left over or of another shape. What is allocated is bounded by the backbone, not the file.
 *
 * @throws AppError `weights.format`, `weights.unsafe`, `weights.empty`, `weights.missing`, `weights.extra`,
 *   `weights.shape`
 */
export async function readBackboneWeights(backbone: Backbone, file: WeightsFile): Promise<ReadWeights> {
  const { format, parts } = await openSource(file);
  const match = matchBackbone(backbone, parts, file.name);
  for (const spec of backbone.params) checkShape(spec, match, backbone, file.name);
  const values = new Map<string, Float32Array<ArrayBuffer>>();
  for (const spec of backbone.params) {
    const read = await tensorOf(spec, match).read();
    checkValues(spec, read, file.name);
    values.set(spec.name, match.dialect.layout === 'torch' ? read : toTorch(spec, read));
  }
  return { values, format, match };
}

const tensorOf = ({ name }: ParamSpec, { tensors }: Match): StoredTensor => tensors.get(name)!;

/** Before anything is read, since a tensor is allocated by its shape. */
function checkShape(spec: ParamSpec, match: Match, backbone: Backbone, file: string): void {
  const { shape, type } = tensorOf(spec, match);
  const expected = (match.dialect.layout === 'torch' ? torchShape(spec) : spec.shape).join('×');
  const actual = shape.join('×');
  if (actual !== expected) {
    throw new AppError('weights.shape', { file, tensor: spec.name, actual, expected, backbone: backbone.name });
  }
  if (!isFloat(type)) throw malformed(file, `tensor ${spec.name} holds whole numbers`);
}

function checkValues({ name, role }: ParamSpec, values: Float32Array, file: string): void {
  if (!values.every(role === 'variance' ? (value) => value >= 0 && value < Infinity : Number.isFinite)) {
    throw malformed(file, `tensor ${name} holds values that cannot be weights`);
  }
}
