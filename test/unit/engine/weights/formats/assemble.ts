/** Puts files together byte by byte, as no honest program would. */
import { crc32, deflateRawSync } from 'node:zlib';

/** Instructions of a pickle by their letters or codes, texts as they are. */
export type Piece = string | number | Uint8Array;

export const bytesOf = (...pieces: readonly Piece[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    Buffer.concat(pieces.map((piece) => (typeof piece === 'number' ? Buffer.of(piece) : Buffer.from(piece)))),
  );

const uint32 = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
/** GLOBAL */
export const name = (module: string, attribute: string): Uint8Array => bytesOf(`c${module}\n${attribute}\n`);
/** BINUNICODE */
export const text = (value: string): Uint8Array => bytesOf('X', uint32(Buffer.byteLength(value)), value);
/** BININT, or LONG1 where it does not fit. */
export function int(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return value === (value | 0) ? bytesOf('J', bytes.subarray(0, 4)) : bytesOf(0x8a, 8, bytes);
}
/** MARK … TUPLE */
export const tuple = (...items: readonly Uint8Array[]): Uint8Array => bytesOf('(', ...items, 't');
/** REDUCE */
export const called = (callee: Uint8Array, ...args: readonly Uint8Array[]): Uint8Array =>
  bytesOf(callee, tuple(...args), 'R');
/** A whole pickle of protocol 2. */
export const pickle = (...pieces: readonly Piece[]): Uint8Array<ArrayBuffer> => bytesOf(0x80, 2, ...pieces, '.');

export const none = bytesOf('N');
export const no = bytesOf(0x89);

/** A storage as `torch.save` names one. @param view of legacy files */
export const storage = (key: string, length: number, type = 'FloatStorage', view?: Uint8Array): Uint8Array =>
  bytesOf(
    tuple(text('storage'), name('torch', type), text(key), text('cpu'), int(length), ...(view ? [view] : [])),
    'Q',
  );

export interface TensorPieces {
  readonly storage: Uint8Array;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}
export const tensor = ({ storage: stored, offset = 0, shape, strides }: TensorPieces): Uint8Array =>
  called(
    name('torch._utils', '_rebuild_tensor_v2'),
    stored,
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    no,
    called(name('collections', 'OrderedDict')),
  );

/** A dict of texts. */
export const dict = (entries: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  bytesOf('}(', ...Object.entries(entries).flatMap(([key, value]) => [text(key), value]), 'u');

export interface ZipPiece {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly deflate?: boolean;
  /** What the zip says instead of the truth. */
  readonly claims?: { readonly size?: number; readonly stored?: number; readonly crc?: number; readonly at?: number };
}

/** A zip with the sizes and names it is told. */
export function zip(...pieces: readonly ZipPiece[]): Uint8Array<ArrayBuffer> {
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let at = 0;
  for (const { name: path, bytes, deflate = false, claims = {} } of pieces) {
    const data = deflate ? deflateRawSync(bytes) : bytes;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(deflate ? 8 : 0, 4);
    common.writeUInt32LE(claims.crc ?? crc32(bytes), 10);
    common.writeUInt32LE(claims.stored ?? data.byteLength, 14);
    common.writeUInt32LE(claims.size ?? bytes.byteLength, 18);
    common.writeUInt16LE(Buffer.byteLength(path), 22);
    const header = bytesOf('PK\x03\x04', common, path, data);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(claims.at ?? at, 10);
    central.push(bytesOf('PK\x01\x02', 20, 0, common, rest, path));
    local.push(header);
    at += header.byteLength;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(pieces.length, 4);
  end.writeUInt16LE(pieces.length, 6);
  end.writeUInt32LE(directory.byteLength, 8);
  end.writeUInt32LE(at, 12);
  return bytesOf(...local, directory, 'PK\x05\x06', end);
}

/** An array of NumPy, with the header it is told. */
export function npy(header: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return bytesOf(Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, header, data);
}
