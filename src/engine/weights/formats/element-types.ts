/// <reference lib="es2025.float16" />

/** Types of stored numbers, as safetensors names them, with the bytes of one. */
export const elementBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;
export type ElementType = keyof typeof elementBytes;

const floatTypes = ['F64', 'F32', 'F16', 'BF16'] as const satisfies ElementType[];
export type FloatType = (typeof floatTypes)[number];
export const isFloat = (type: ElementType): type is FloatType => floatTypes.some((float) => float === type);

/** Little-endian numbers as float32: half precision exactly, double precision rounded. */
export function toFloat32(type: FloatType, bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
  switch (type) {
    case 'F32':
      return new Float32Array(bytes);
    case 'F64':
      return new Float32Array(new Float64Array(bytes));
    case 'F16':
      return new Float32Array(new Float16Array(bytes));
    case 'BF16':
      // The upper half of a float32.
      return new Float32Array(Uint32Array.from(new Uint16Array(bytes), (half) => half * 65536).buffer);
  }
}
