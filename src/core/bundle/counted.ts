import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** Lets bytes through, and tells how many they were and their hash. */
export class Counted extends Transform {
  readonly #hash = createHash('sha256');
  bytes = 0;

  override _transform(chunk: Buffer, _: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    done(null, chunk);
  }

  /** When all have passed. */
  sha256(): string {
    return this.#hash.digest('hex');
  }
}
