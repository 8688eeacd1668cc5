import { AppError } from '../../contract/errors.ts';
import type { ViewPreset } from './types.ts';

const none = {
  hue: 0,
  stain: 0,
  greyscale: 0,
  blur: { probability: 0, sigma: [0, 0] },
  solarize: 0,
} as const;

/**
 * Random views per kind of image. A part whose probability or strength is 0 is not built into the graph.
 * `any-orientation` is the measured default: colour carries meaning in stained tissue, so it is changed little.
 */
const presets = {
  'any-orientation': {
    name: 'any-orientation',
    summary: 'Images without a fixed up: cells, tissue, surfaces, pictures from above.',
    area: [0.4, 1],
    logAspect: 0.29,
    flipHorizontal: 0.5,
    flipVertical: 0.5,
    quarterTurn: 0.5,
    brightness: 0.25,
    contrast: 0.25,
    saturation: 0.125,
    ...none,
  },
  upright: {
    name: 'upright',
    summary: 'Images with a fixed up and down: parts on a belt, radiographs, plants, animals.',
    area: [0.4, 1],
    logAspect: 0.29,
    flipHorizontal: 0.5,
    flipVertical: 0,
    quarterTurn: 0,
    brightness: 0.25,
    contrast: 0.25,
    saturation: 0.125,
    ...none,
  },
  stain: {
    name: 'stain',
    summary: 'Stained tissue and cells from several laboratories, whose stains differ in strength.',
    area: [0.4, 1],
    logAspect: 0.29,
    flipHorizontal: 0.5,
    flipVertical: 0.5,
    quarterTurn: 0.5,
    brightness: 0.15,
    contrast: 0.15,
    saturation: 0.125,
    ...none,
    stain: 0.25,
  },
  natural: {
    name: 'natural',
    summary: 'Everyday photographs, where colour tells little about the class.',
    area: [0.2, 1],
    logAspect: 0.29,
    flipHorizontal: 0.5,
    flipVertical: 0,
    quarterTurn: 0,
    brightness: 0.4,
    contrast: 0.4,
    saturation: 0.4,
    hue: 0.3,
    stain: 0,
    greyscale: 0.2,
    blur: { probability: 0.5, sigma: [0.1, 1] },
    solarize: 0.1,
  },
} as const satisfies Readonly<Record<string, ViewPreset>>;

export const viewPresets: readonly ViewPreset[] = Object.values(presets);

/** The preset of that name. @throws AppError `views.unknown` */
export function viewPreset(name: string): ViewPreset {
  const found = viewPresets.find((preset) => preset.name === name);
  if (!found) {
    throw new AppError('views.unknown', { views: name, known: viewPresets.map((preset) => preset.name).join(', ') });
  }
  return found;
}
