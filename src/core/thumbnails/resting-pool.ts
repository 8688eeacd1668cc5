import { createImagePool, type ImagePool, type PoolOptions } from '../../images/pool.ts';

/** Decoders that nobody needs give their memory back. */
const idleMilliseconds = 60_000;

/** A pool of decoders that starts when it is needed, and ends when it has not been for a while. */
export class RestingPool {
  readonly #options: PoolOptions;
  #pool: ImagePool | undefined;
  #idle: NodeJS.Timeout | undefined;
  #working = 0;

  constructor(options: PoolOptions = {}) {
    this.#options = options;
  }

  async use<T>(work: (pool: ImagePool) => Promise<T>): Promise<T> {
    clearTimeout(this.#idle);
    this.#working++;
    try {
      this.#pool ??= createImagePool(this.#options);
      return await work(this.#pool);
    } finally {
      if (--this.#working === 0) this.#idle = setTimeout(() => this.close(), idleMilliseconds).unref();
    }
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#pool?.close();
    this.#pool = undefined;
  }
}
