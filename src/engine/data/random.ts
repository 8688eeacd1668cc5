/**
 * Random numbers that depend on (seed, stream, step) alone, so that a resumed run draws the same ones.
 * Counter-based: Philox4x32-10 (Salmon et al., SC'11, section 3.3).
 */
export interface Generator {
  /** n values uniform in [0, 1). */
  uniform(n: number): Float32Array;
  /** n values of the standard normal distribution (Box–Muller). */
  normal(n: number): Float32Array;
  /** Integer in 0..n-1. */
  below(n: number): number;
  /** A permutation of 0..n-1 (Fisher–Yates). */
  permutation(n: number): Int32Array;
}

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** The upper 32 bits of a product of two 32-bit numbers; every step of it is a whole number below 2⁵³. */
const mulHigh = (a: number, b: number): number =>
  Math.floor((a * (b >>> 16) + Math.floor((a * (b & 0xffff)) / 65536)) / 65536);

/** One Philox4x32-10 block: counter of four 32-bit words and key of two, to four 32-bit words. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const h0 = mulHigh(M0, c0);
    const h1 = mulHigh(M1, c2);
    const [l0, l1] = [Math.imul(M0, c0) >>> 0, Math.imul(M1, c2) >>> 0];
    c0 = (h1 ^ c1 ^ k0) >>> 0;
    c2 = (h0 ^ c3 ^ k1) >>> 0;
    c1 = l1;
    c3 = l0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** 32-bit FNV-1a over UTF-8. */
export function fnv1a(text: string): number {
  let hash = 2166136261;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  return hash;
}

class PhiloxGenerator implements Generator {
  #key: readonly [number, number];
  #step: number;
  #block = 0;
  #words: readonly number[] = [];
  #next = 0;

  constructor(seed: number, stream: string, step: number) {
    this.#key = [seed >>> 0, fnv1a(stream)];
    this.#step = step;
  }

  word(): number {
    if (this.#next === this.#words.length) {
      const high32 = Math.floor(this.#step / 2 ** 32);
      this.#words = philox([this.#block++ >>> 0, 0, this.#step >>> 0, high32 >>> 0], this.#key);
      this.#next = 0;
    }
    return this.#words[this.#next++] as number;
  }

  uniform(n: number): Float32Array {
    const values = new Float32Array(n);
    for (let i = 0; i < n; i++) values[i] = (this.word() >>> 8) / 16777216;
    return values;
  }

  normal(n: number): Float32Array {
    const values = new Float32Array(n);
    for (let i = 0; i < n; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(((this.word() >>> 8) + 1) / 16777216));
      const angle = (2 * Math.PI * (this.word() >>> 8)) / 16777216;
      values[i] = radius * Math.cos(angle);
      if (i + 1 < n) values[i + 1] = radius * Math.sin(angle);
    }
    return values;
  }

  below(n: number): number {
    return Math.floor((this.word() / 2 ** 32) * n);
  }

  permutation(n: number): Int32Array {
    const values = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = values[i] as number;
      values[i] = values[j] as number;
      values[j] = kept;
    }
    return values;
  }
}

/** A generator fully determined by its three arguments. `stream` names the use ("views", "order", "heads"). */
export function generator(seed: number, stream: string, step = 0): Generator {
  return new PhiloxGenerator(seed, stream, step);
}
