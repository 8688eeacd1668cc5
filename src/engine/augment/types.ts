/** A preset of random views, as data. Ranges are uniform; probabilities are per image. */
export interface ViewPreset {
  readonly name: string;
  readonly summary: string;
  /** Share of the content box's area that a crop covers. */
  readonly area: readonly [number, number];
  /** Aspect ratio is exp(u), u uniform in ± this. */
  readonly logAspect: number;
  readonly flipHorizontal: number;
  readonly flipVertical: number;
  readonly quarterTurn: number;
  /** Relative strengths: factor in 1 ± this. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Hue rotation in radians, ± this. */
  readonly hue: number;
  /** Stain-like transform: optical densities scaled by 1 ± this, per channel. */
  readonly stain: number;
  readonly greyscale: number;
  readonly blur: { readonly probability: number; readonly sigma: readonly [number, number] };
  readonly solarize: number;
}
