/**
 * Bounds of one image. A decoder keeps at most the decoded picture and a progressive file's coefficients, so
 * `pixels` and `decodedBytes` hold the peak of a child below 1 GB.
 */
export const limits = {
  /** 10,000 × 10,000. */
  pixels: 100_000_000,
  /** width × height × channels × bytes per channel. */
  decodedBytes: 600_000_000,
  fileBytes: 400_000_000,
  /** Files up to this size are read once and decoded from memory. */
  memoryBytes: 64_000_000,
  secondsPerImage: 30,
} as const;
