import type { PointLayer } from './layer.ts';

/** So many a processor can draw while one waits. */
const mostDrawn = 20_000;

/** Points as squares, for browsers without WebGL2: a fair sample of at most 20,000. */
export function canvasLayer(canvas: HTMLCanvasElement): PointLayer {
  const context = canvas.getContext('2d');
  let points = new Float32Array(0);
  let colours = new Uint8Array(0);
  return {
    most: mostDrawn,
    put(values) {
      points = values as Float32Array<ArrayBuffer>;
    },
    paint(values) {
      colours = values as Uint8Array<ArrayBuffer>;
    },
    draw({ scale, shift: [x, y], size }, count) {
      if (!context) return;
      context.clearRect(0, 0, canvas.width, canvas.height);
      let drawn = -1;
      for (let at = 0; at < Math.min(count, mostDrawn); at++) {
        const [left, top] = [points[2 * at]! * scale + x - size / 2, points[2 * at + 1]! * scale + y - size / 2];
        if (left < -size || top < -size || left > canvas.width || top > canvas.height) continue;
        const [r, g, b, a] = [colours[4 * at]!, colours[4 * at + 1]!, colours[4 * at + 2]!, colours[4 * at + 3]!];
        if (a === 0) continue;
        const colour = (r << 24) | (g << 16) | (b << 8) | a;
        // Neighbours in the list are often of one colour, and to set one takes longer than to draw.
        if (colour !== drawn) context.fillStyle = `rgb(${r} ${g} ${b} / ${a / 255})`;
        drawn = colour;
        context.fillRect(left, top, size, size);
      }
    },
    dispose: () => {},
  };
}
