import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { featureWidth } from '../features/store.ts';

const rowBytes = 4 + 4 * featureWidth;
const rowsAtOnce = 8192;

/**
 * Rows of features as the engine appends them, one file after the other, a few megabytes at a time: those of a million
 * images do not fit into one buffer. A row that is being written is not there yet.
 * @param visit gets the image and its row, which holds good until it returns
 */
export function eachFeatureRow(files: readonly string[], visit: (image: number, row: Float32Array) => void): void {
  const buffer = new ArrayBuffer(rowsAtOnce * rowBytes);
  const bytes = new Uint8Array(buffer);
  const ids = new Int32Array(buffer);
  for (const file of files) {
    if (!existsSync(file)) continue;
    const handle = openSync(file, 'r');
    try {
      for (let at = 0; ;) {
        const read = readSync(handle, bytes, 0, bytes.length, at);
        const whole = read - (read % rowBytes);
        for (let row = 0; row < whole; row += rowBytes) {
          visit(ids[row / 4]!, new Float32Array(buffer, row + 4, featureWidth));
        }
        at += whole;
        if (whole === 0) break;
      }
    } finally {
      closeSync(handle);
    }
  }
}
