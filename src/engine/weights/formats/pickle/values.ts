import type { ElementType } from '../element-types.ts';

/** What a pickle can hold here: plain data, and tensors that still lie in the file. */
export type Value = null | boolean | number | bigint | string | Bytes | List | Tuple | Dict | Known | Storage | Tensor;

export interface Bytes {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}
export interface List {
  readonly kind: 'list';
  readonly items: Value[];
}
export interface Tuple {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
}
export interface Dict {
  readonly kind: 'dict';
  readonly entries: Map<Value, Value>;
}

/** Something the allow-list knows by name. */
export interface Known {
  readonly kind: 'known';
  /** Such as `torch.FloatStorage`. */
  readonly name: string;
  /** Set for the type of a storage. */
  readonly elements?: ElementType;
  /** Set for what may be called. */
  readonly call?: (args: readonly Value[], file: string) => Value;
}

/** Numbers that tensors share. */
export interface Storage {
  readonly kind: 'storage';
  readonly type: ElementType;
  /** Elements in it. */
  readonly length: number;
  /** Bytes from a place in it. */
  readonly read: (at: number, bytes: number) => Promise<Uint8Array<ArrayBuffer>>;
}

export interface Tensor {
  readonly kind: 'tensor';
  readonly storage: Storage;
  /** Elements of the storage before the first one of the tensor. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

type Kind = Extract<Value, { readonly kind: string }>['kind'];
export const isKind = <K extends Kind>(value: Value | undefined, kind: K): value is Extract<Value, { kind: K }> =>
  typeof value === 'object' && value !== null && value.kind === kind;
