import type { ImportRecord } from '../../../contract/weights.ts';
import { elementBytes, isFloat, toFloat32, type ElementType } from './element-types.ts';
import { malformed } from './malformed.ts';
import { gather } from './strided.ts';

/** A tensor that lies in a file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Values, row-major. Allocates what the shape says, so look at the shape first. */
  read(): Promise<Float32Array<ArrayBuffer>>;
}

/** Tensors that belong together, such as one state dict of a checkpoint. */
export interface Part {
  /** Where it lies in the checkpoint, such as `state_dict`; empty where it is the whole file. */
  readonly name: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** What a file of weights holds. */
export interface WeightsSource {
  readonly format: ImportRecord['origin']['format'];
  readonly parts: readonly Part[];
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/** How values lie in a stretch of bytes. */
export interface Strided {
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Elements from one index to the next, per axis. */
  readonly strides: readonly number[];
}

/**
 * A tensor whose values lie strided in a stretch of bytes.
 * @param bytes the stretch from the tensor's first element to its last
 */
export function stridedTensor(
  { shape, type, strides }: Strided,
  file: string,
  bytes: (length: number) => Promise<Uint8Array<ArrayBuffer>>,
): StoredTensor {
  return {
    shape,
    type,
    async read() {
      if (!isFloat(type)) throw malformed(file, 'whole numbers lie where weights should');
      const elements = elementsOf(shape);
      const span = elements === 0 ? 0 : 1 + shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis]!, 0);
      // Else a small tensor could make the whole file be read, and a thousand of them a thousand times.
      if (span > mostSpread * elements) throw malformed(file, 'the values of a tensor lie too far apart');
      const values = toFloat32(type, (await bytes(span * elementBytes[type])).buffer);
      return String(strides) === String(rowMajor(shape)) ? values : gather(values, shape, strides);
    },
  };
}

const mostSpread = 16;

/** Strides of values without gaps, the last axis fastest. */
export const rowMajor = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => elementsOf(shape.slice(axis + 1)));
