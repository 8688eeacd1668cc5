import { createHash } from 'node:crypto';

/** A small writer of ONNX models (onnx.proto3, IR version 9): only what the lowering emits. */

export type AttributeValue =
  number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] };
export interface OnnxNode {
  readonly op: string;
  /** Empty string: an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly domain: string;
}
export type ElementType = 'float32' | 'uint8' | 'int32' | 'bool' | 'int64';
export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array | BigInt64Array;
}
export interface OnnxPort {
  readonly name: string;
  readonly type: ElementType;
  /** Null where it is not told. */
  readonly shape: readonly number[] | null;
  /** Name of the first axis, where it may have any length. */
  readonly anyLength?: string;
}
export interface OnnxModel {
  readonly name: string;
  readonly opset: number;
  /** Versions of further operator domains. */
  readonly domains: readonly string[];
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

/** TensorProto.DataType. */
export const elementTypes: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
};

const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;

function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest ? low | 128 : low);
  } while (rest);
  return Uint8Array.from(bytes);
}

const key = (field: number, wire: number): Uint8Array => varint((field << 3) | wire);
const integer = (field: number, value: number | bigint): Uint8Array[] => [key(field, VARINT), varint(value)];
const utf8 = new TextEncoder();

function message(field: number, content: string | readonly Uint8Array[] | Uint8Array): Uint8Array[] {
  const parts =
    typeof content === 'string' ? [utf8.encode(content)] : content instanceof Uint8Array ? [content] : content;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [key(field, LENGTH), varint(length), ...parts];
}

function float(field: number, value: number): Uint8Array[] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [key(field, FIXED32), bytes];
}

function attribute(name: string, value: AttributeValue): Uint8Array[] {
  const parts = message(1, name);
  if (typeof value === 'string') parts.push(...message(4, value), ...integer(20, 3));
  else if (typeof value === 'number') parts.push(...integer(3, value), ...integer(20, 2));
  else if ('float' in value) parts.push(...float(2, value.float), ...integer(20, 1));
  else if ('floats' in value) parts.push(...value.floats.flatMap((v) => float(7, v)), ...integer(20, 6));
  else parts.push(...value.flatMap((v) => integer(8, v)), ...integer(20, 7));
  return parts;
}

function node({ op, inputs, outputs, attributes, domain }: OnnxNode): Uint8Array[] {
  return [
    ...inputs.flatMap((name) => message(1, name)),
    ...outputs.flatMap((name) => message(2, name)),
    ...message(4, op),
    ...Object.entries(attributes).flatMap(([name, value]) => message(5, attribute(name, value))),
    ...(domain ? message(7, domain) : []),
  ];
}

function tensor({ name, type, shape, data }: OnnxTensor): Uint8Array[] {
  return [
    ...shape.flatMap((d) => integer(1, d)),
    ...integer(2, elementTypes[type]),
    ...message(8, name),
    ...message(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function port({ name, type, shape, anyLength }: OnnxPort): Uint8Array[] {
  const dims = shape?.flatMap((d, axis) =>
    message(1, axis === 0 && anyLength !== undefined ? message(2, anyLength) : integer(1, d)),
  );
  const tensorType = [...integer(1, elementTypes[type]), ...(dims ? message(2, dims) : [])];
  return [...message(1, name), ...message(2, message(1, tensorType))];
}

const graphParts = (model: OnnxModel): Uint8Array[] => [
  ...model.nodes.flatMap((n) => message(1, node(n))),
  ...message(2, model.name),
  ...model.constants.flatMap((t) => message(5, tensor(t))),
  ...model.inputs.flatMap((p) => message(11, port(p))),
  ...model.outputs.flatMap((p) => message(12, port(p))),
];

/** The bytes of a model file. */
export const encodeModel = (model: OnnxModel): Uint8Array => concatenate(modelParts(model, graphParts(model), {}));

/**
 * The bytes of a model file that leaves the program, in parts, with texts that tell what it is.
 * @param metadata made from the SHA-256 of the bytes of the graph, in hex
 */
export function describedModel(
  model: OnnxModel,
  metadata: (graphSha256: string) => Readonly<Record<string, string>>,
): Uint8Array[] {
  const graph = graphParts(model);
  const hash = createHash('sha256');
  for (const part of graph) hash.update(part);
  return modelParts(model, graph, metadata(hash.digest('hex')));
}

function modelParts(
  model: OnnxModel,
  graph: readonly Uint8Array[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  const opset = (domain: string, version: number) => message(8, [...message(1, domain), ...integer(2, version)]);
  return [
    ...integer(1, 9),
    ...message(2, 'acclimate'),
    ...message(7, graph),
    ...opset('', model.opset),
    ...model.domains.flatMap((domain) => opset(domain, 1)),
    ...Object.entries(metadata).flatMap(([name, text]) => message(14, [...message(1, name), ...message(2, text)])),
  ];
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
