import { malformed } from '../malformed.ts';

/** The bytes of a pickle, read one after the other; every length is held against what is left. */
export class PickleBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string;
  #at: number;

  constructor(bytes: Uint8Array, file: string, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  /** Moves on, and says where it was. */
  skip(count: number): number {
    if (count > this.#bytes.byteLength - this.#at) throw malformed(this.#file, 'its pickle ends too early');
    const at = this.#at;
    this.#at += count;
    return at;
  }

  byte = (): number => this.#view.getUint8(this.skip(1));
  uint16 = (): number => this.#view.getUint16(this.skip(2), true);
  int32 = (): number => this.#view.getInt32(this.skip(4), true);
  uint32 = (): number => this.#view.getUint32(this.skip(4), true);
  /** One that is no longer exact is larger than any file. */
  uint64 = (): number => Number(this.#view.getBigUint64(this.skip(8), true));
  double = (): number => this.#view.getFloat64(this.skip(8), false);

  take(count: number): Uint8Array {
    const at = this.skip(count);
    return this.#bytes.subarray(at, at + count);
  }

  text = (count: number, encoding: 'utf-8' | 'latin1' = 'utf-8'): string =>
    Buffer.from(this.take(count)).toString(encoding);

  /** Up to the end of the line. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    const text = this.text((end < 0 ? this.#bytes.byteLength : end) - this.#at);
    this.skip(1);
    return text;
  }

  /** Little-endian in two's complement, of any length. */
  long(count: number): number | bigint {
    const value = this.take(count).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    const signed = BigInt.asIntN(8 * count, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }
}
