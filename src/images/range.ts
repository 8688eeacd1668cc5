/** Share of values left beyond black and beyond white: hot and dead pixels. */
const tail = 0.001;
const bins = 65536;

/**
 * Brings values of more than 8 bits to 0..255 over the range the image itself uses (0.1 to 99.9 % of all values, one
 * range for all channels so that colours stay). Cameras put 10, 12 or 14 bits into 16; shown over 0..65535 they look
 * black. Values that are no number become black.
 * @param values count×channels, 1, 2 (grey and alpha), 3 or 4 channels; alpha is ignored
 */
export function spreadRange(
  values: Uint16Array | Float32Array,
  count: number,
  channels: number,
): { pixels: Uint8Array; range: [number, number] } {
  const colours = channels >= 3 ? 3 : 1;
  const [low, high] = usedRange(values, count, channels, colours);
  const scale = high > low ? 255 / (high - low) : 0;
  // A flat image has no range of its own; it is shown as bright as it is stored in 16 bits.
  const flat = high > low ? 0 : low / 257;
  const pixels = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) {
      const value = values[i * channels + (colours === 3 ? c : 0)] as number;
      pixels[i * 3 + c] = Math.max(0, Math.min(255, Math.round((value - low) * scale + flat))) || 0;
    }
  }
  return { pixels, range: [low, high] };
}

function usedRange(
  values: Uint16Array | Float32Array,
  count: number,
  channels: number,
  colours: number,
): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < colours; c++) {
      const value = values[i * channels + c] as number;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  if (!Number.isFinite(least) || !Number.isFinite(most) || least === most) {
    return Number.isFinite(least) ? [least, least] : [0, 0];
  }
  const width = values instanceof Uint16Array ? 1 : (most - least) / (bins - 1);
  const histogram = new Uint32Array(bins);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < colours; c++) {
      const bin = Math.round(((values[i * channels + c] as number) - least) / width);
      if (bin >= 0) histogram[bin] = (histogram[bin] as number) + 1;
    }
  }
  const skip = Math.floor(count * colours * tail);
  return [least + width * edge(histogram, 0, 1, skip), least + width * edge(histogram, bins - 1, -1, skip)];
}

function edge(histogram: Uint32Array, from: number, step: 1 | -1, skip: number): number {
  let passed = 0;
  for (let bin = from; bin >= 0 && bin < bins; bin += step) {
    passed += histogram[bin] as number;
    if (passed > skip) return bin;
  }
  return from;
}
