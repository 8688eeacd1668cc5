/** How places become pixels of the canvas: `x · scale + shift`. */
export interface Lens {
  readonly scale: number;
  readonly shift: readonly [number, number];
  /** Side of a point. */
  readonly size: number;
}

/** Draws points on a canvas. */
export interface PointLayer {
  /** More are not drawn. */
  readonly most: number;
  /** Takes points `from` to `to`; `places` and `colours` hold room for all. */
  put(places: Float32Array, from: number, to: number): void;
  /** RGBA of each point. */
  paint(colours: Uint8Array): void;
  /** Draws the first `count`: any first part is a fair sample. */
  draw(lens: Lens, count: number): void;
  dispose(): void;
}
