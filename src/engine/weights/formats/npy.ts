import type { ElementType } from './element-types.ts';
import { malformed, shown } from './malformed.ts';
import { elementsOf } from './source.ts';

export interface NpyHeader {
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** The first axis fastest. */
  readonly fortran: boolean;
  /** Where the values begin. */
  readonly bytes: number;
}

/** Enough for the header of every array of numbers. */
export const maxNpyHeader = 4096;

const types: Readonly<Record<string, ElementType>> = {
  '<f8': 'F64',
  '<f4': 'F32',
  '<f2': 'F16',
  '<i8': 'I64',
  '<i4': 'I32',
  '<i2': 'I16',
  '|i1': 'I8',
  '|u1': 'U8',
  '|b1': 'BOOL',
};

/**
 * The header of one array of NumPy (numpy/lib/format.py). It is a literal of Python, of which only the form that NumPy
 * writes is read.
 * @throws AppError `weights.format`; arrays of objects hold a pickle and are refused
 */
export function parseNpyHeader(start: Uint8Array, array: string, file: string): NpyHeader {
  const wrong = (reason: string): Error => malformed(file, `the array ${array} ${reason}`);
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  if (start.byteLength < 12 || Buffer.from(start.subarray(0, 6)).toString('latin1') !== '\x93NUMPY') {
    throw wrong('is not one of NumPy');
  }
  const lengthBytes = view.getUint8(6) === 1 ? 2 : 4;
  const length = lengthBytes === 2 ? view.getUint16(8, true) : view.getUint32(8, true);
  const bytes = 8 + lengthBytes + length;
  if (bytes > start.byteLength) throw wrong('has a header that is too long');
  const header = Buffer.from(start.subarray(8 + lengthBytes, bytes)).toString('latin1');
  const form =
    /^\{'descr': '([^']{1,20})', 'fortran_order': (True|False), 'shape': \(((?:\d{1,15}(?:, ?|,?(?=\))))*)\), ?\}\s*$/;
  const [, descr = '', order, sides = ''] = form.exec(header) ?? [];
  if (order === undefined) throw wrong('has a header that NumPy does not write');
  const type = Object.hasOwn(types, descr) ? types[descr] : undefined;
  if (!type) throw wrong(`is of the type ${shown(descr)}, which holds no weights`);
  const shape = sides.split(',').flatMap((side) => (side.trim() === '' ? [] : [Number(side)]));
  if (shape.length > 8 || !Number.isSafeInteger(elementsOf(shape))) throw wrong('has no possible shape');
  return { shape, type, fortran: order === 'True', bytes };
}
