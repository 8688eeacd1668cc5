/** Share of values left beyond black and beyond white: hot and dead pixels. */
const tail = 0.001;

/**
 * Brings 16-bit values to 0..255 over the range the image itself uses (0.1 to 99.9 % of all values, one range for
 * all channels so that colours stay). Cameras put 10, 12 or 14 bits into 16; shown over 0..65535 they look black.
 * @param values count×channels, 1, 2 (grey and alpha), 3 or 4 channels; alpha is ignored
 */
export function spreadRange(
  values: Uint16Array,
  count: number,
  channels: number,
): { pixels: Uint8Array; range: [number, number] } {
  const colours = channels >= 3 ? 3 : 1;
  const histogram = new Uint32Array(65536);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < colours; c++) {
      const value = values[i * channels + c] as number;
      histogram[value] = (histogram[value] as number) + 1;
    }
  }
  const skip = Math.floor(count * colours * tail);
  const low = edge(histogram, 0, 1, skip);
  const high = edge(histogram, 65535, -1, skip);
  const scale = high > low ? 255 / (high - low) : 0;
  // A flat image has no range of its own; it is shown as bright as it is stored.
  const flat = high > low ? 0 : low / 257;
  const pixels = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) {
      const value = values[i * channels + (colours === 3 ? c : 0)] as number;
      pixels[i * 3 + c] = Math.max(0, Math.min(255, Math.round((value - low) * scale + flat)));
    }
  }
  return { pixels, range: [low, high] };
}

function edge(histogram: Uint32Array, from: number, step: 1 | -1, skip: number): number {
  let passed = 0;
  for (let value = from; value >= 0 && value <= 65535; value += step) {
    passed += histogram[value] as number;
    if (passed > skip) return value;
  }
  return from;
}
