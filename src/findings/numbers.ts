/** How numbers of results are written in the reader's language. */
export interface Numbers {
  /** "91" of 0.907; one decimal where asked for. */
  hundred(share: number, decimals?: 0 | 1): string;
  /** "+6.8" of 0.068. */
  signed(share: number): string;
  integer(value: number): string;
}

/** Numbers of results as a language writes them, with a true minus. */
export const numbersIn = (n: (value: number, format: string) => string): Numbers => ({
  hundred: (share, decimals = 0) => n(100 * share, decimals === 0 ? 'integer' : 'oneFixed'),
  signed: (share) => n(100 * share, 'signed').replace('-', '−'),
  integer: (value) => n(value, 'integer'),
});
