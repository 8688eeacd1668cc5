import { createHash } from 'node:crypto';
import { AppError } from '../../../contract/errors.ts';
import { elementTypes } from './encode.ts';

/** A port as a file tells it: an axis of any length by its name. */
export interface FilePort {
  readonly name: string;
  readonly type: number;
  readonly axes: readonly (number | string)[];
}
export interface FileFacts {
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the bytes of the graph, hex. */
  readonly graphSha256: string;
  readonly inputs: readonly FilePort[];
  readonly outputs: readonly FilePort[];
}

/** What exported models are made of: nothing with a graph of its own, a loop, a file or a random number. */
const allowedOperators = new Set([
  'Add',
  'Cast',
  'Clip',
  'Concat',
  'Conv',
  'Div',
  'Erf',
  'LayerNormalization',
  'MatMul',
  'MaxPool',
  'Mul',
  'Pad',
  'Reciprocal',
  'ReduceMean',
  'ReduceSum',
  'Relu',
  'Reshape',
  'Sigmoid',
  'Slice',
  'Softmax',
  'Split',
  'Sqrt',
  'Sub',
  'Transpose',
]);
const OPSET = 18;
const MOST_NODES = 200_000;
const MOST_AXES = 8;

const bytesPerElement = new Map<number, number>([
  [elementTypes.float32, 4],
  [elementTypes.uint8, 1],
  [elementTypes.int32, 4],
  [elementTypes.int64, 8],
  [elementTypes.bool, 1],
]);

const damaged = (reason: string): AppError => new AppError('model.format', { reason });
const utf8 = new TextDecoder('utf-8', { fatal: true });

function text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw damaged('a name in it is no text');
  }
}

type Field =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly number: number; readonly kind: 'fixed32' };

/** The fields of a protobuf message, none of which reaches beyond it. */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw damaged('it is cut off');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw damaged('a number in it is too long');
  };
  while (at < message.length) {
    const key = Number(varint());
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === 0) yield { number, kind: 'varint', value: varint() };
    else if (wire === 2) {
      const length = Number(varint());
      if (length > message.length - at) throw damaged('it is cut off');
      yield { number, kind: 'bytes', value: message.subarray(at, at + length) };
      at += length;
    } else if (wire === 5) {
      if (message.length - at < 4) throw damaged('it is cut off');
      at += 4;
      yield { number, kind: 'fixed32' };
    } else throw damaged('it is no ONNX file');
  }
}

type Reader = (value: never) => void;
/** What a message may hold: the kind of each field, and what is done with it. Every other field is refused. */
type Known = Readonly<Record<number, readonly ['varint' | 'bytes' | 'fixed32', Reader?]>>;

function read(what: string, message: Uint8Array, known: Known): void {
  for (const field of fieldsOf(message)) {
    const [kind, reader] = known[field.number] ?? [];
    if (kind !== field.kind) throw damaged(`it has a part that Acclimate does not write (${what}, ${field.number})`);
    if (reader && field.kind !== 'fixed32') reader(field.value as never);
  }
}

/** onnx.proto3: NodeProto and AttributeProto, without subgraphs and tensors. */
function checkNode(message: Uint8Array): void {
  let operator = '';
  read('node', message, {
    1: ['bytes'],
    2: ['bytes'],
    4: ['bytes', (name: Uint8Array) => (operator = text(name))],
    5: [
      'bytes',
      (attribute: Uint8Array) =>
        read('attribute', attribute, {
          1: ['bytes'],
          2: ['fixed32'],
          3: ['varint'],
          4: ['bytes'],
          7: ['fixed32'],
          8: ['varint'],
          20: ['varint'],
        }),
    ],
  });
  if (!allowedOperators.has(operator)) throw new AppError('model.operator', { operator: operator.slice(0, 60) });
}

/** TensorProto with its values inside. */
function checkTensor(message: Uint8Array): void {
  let elements = 1;
  let axes = 0;
  let size = 0;
  let bytes = 0;
  read('tensor', message, {
    1: [
      'varint',
      (length: bigint) => {
        elements *= Number(length);
        axes++;
      },
    ],
    2: ['varint', (type: bigint) => (size = bytesPerElement.get(Number(type)) ?? 0)],
    8: ['bytes'],
    9: ['bytes', (values: Uint8Array) => (bytes += values.length)],
    13: [
      'bytes',
      () => {
        throw new AppError('model.external');
      },
    ],
    14: [
      'varint',
      (location: bigint) => {
        if (location !== 0n) throw new AppError('model.external');
      },
    ],
  });
  if (axes > MOST_AXES || size === 0 || elements * size !== bytes) throw damaged('a tensor in it is not whole');
}

function readPort(message: Uint8Array): FilePort {
  let name = '';
  let type = 0;
  const axes: (number | string)[] = [];
  const dimension = (part: Uint8Array): void =>
    read('dimension', part, {
      1: ['varint', (length: bigint) => axes.push(Number(length))],
      2: ['bytes', (free: Uint8Array) => axes.push(text(free))],
    });
  const shape = (part: Uint8Array): void => read('shape', part, { 1: ['bytes', dimension] });
  const tensor = (part: Uint8Array): void =>
    read('tensor type', part, { 1: ['varint', (of: bigint) => (type = Number(of))], 2: ['bytes', shape] });
  read('port', message, {
    1: ['bytes', (given: Uint8Array) => (name = text(given))],
    2: ['bytes', (part: Uint8Array) => read('type', part, { 1: ['bytes', tensor] })],
  });
  return { name, type, axes };
}

/**
 * Looks through a model file that nobody vouches for, before a runtime sees it: only fields that `describedModel`
 * writes, only operators of the list, all values inside. The bytes are not copied.
 * @throws AppError `model.format`, `model.operator`, `model.external`
 */
export function decodeModel(file: Uint8Array): FileFacts {
  const metadata: Record<string, string> = {};
  const inputs: FilePort[] = [];
  const outputs: FilePort[] = [];
  let graphs = 0;
  let nodes = 0;
  let graphSha256 = '';
  const graph = (message: Uint8Array): void => {
    graphs++;
    graphSha256 = createHash('sha256').update(message).digest('hex');
    read('graph', message, {
      1: [
        'bytes',
        (node: Uint8Array) => {
          if (++nodes > MOST_NODES) throw damaged('it has too many operators');
          checkNode(node);
        },
      ],
      2: ['bytes'],
      5: ['bytes', checkTensor],
      11: ['bytes', (port: Uint8Array) => inputs.push(readPort(port))],
      12: ['bytes', (port: Uint8Array) => outputs.push(readPort(port))],
    });
  };
  const opset = (message: Uint8Array): void =>
    read('opset', message, {
      1: [
        'bytes',
        (domain: Uint8Array) => {
          if (domain.length > 0) throw new AppError('model.operator', { operator: `${text(domain).slice(0, 60)}.*` });
        },
      ],
      2: [
        'varint',
        (version: bigint) => {
          if (version !== BigInt(OPSET)) throw damaged(`it needs operators of version ${version}`);
        },
      ],
    });
  const entry = (message: Uint8Array): void => {
    let name = '';
    let value = '';
    read('metadata', message, {
      1: ['bytes', (given: Uint8Array) => (name = text(given))],
      2: ['bytes', (given: Uint8Array) => (value = text(given))],
    });
    metadata[name] = value;
  };
  read('model', file, {
    1: ['varint'],
    2: ['bytes'],
    7: ['bytes', graph],
    8: ['bytes', opset],
    14: ['bytes', entry],
  });
  if (graphs !== 1) throw damaged('it is no ONNX file');
  return { metadata, graphSha256, inputs, outputs };
}
