import type { ErrorEntry } from '../errors.ts';

const kept = 'Labels, earlier results and the last saved point are kept.';

export const jobErrors = {
  'job.run-folder': {
    message: 'The run cannot be read: {file} {reason}.',
    safe: 'Labels and other runs are not touched.',
    action: 'Start a new run; this one cannot go on.',
    exit: 1,
  },
  'job.image-lost': {
    message: 'Image {image} could be read when the run began and cannot be read now ({reason}).',
    safe: kept,
    action: 'Put the image back where it was, then run `acclimate resume`.',
    exit: 1,
  },
  'job.no-images': {
    message: 'None of the images this run may learn from can be read.',
    safe: kept,
    action: 'Import the folder again to see which files cannot be read and why.',
    exit: 1,
  },
  'job.no-labels': {
    message: 'No image with a training label can be read.',
    safe: kept,
    action: 'Import the folder again to see which files cannot be read and why.',
    exit: 1,
  },
  'job.no-shared-labels': {
    message: 'This method learns from labels, and there are none that every label draw of the run trains with.',
    safe: kept,
    action: 'Use one label draw, or your own labels instead of a number per class, or choose a method without labels.',
    exit: 1,
  },
  'job.not-adapted': {
    message: 'The run has no adapted backbone for seed {seed} yet.',
    safe: kept,
    action: 'Run `acclimate resume` to finish the adaptation first.',
    exit: 1,
  },
  'job.not-trained': {
    message: 'The run has no {arm} model yet.',
    safe: kept,
    action: 'Run `acclimate resume` to finish the run first.',
    exit: 1,
  },
  'gpu.lost': {
    message: 'The graphics chip stopped responding.',
    safe: 'Nothing is lost: everything up to the last saved point is kept.',
    action: 'Run `acclimate resume` to go on from the last saved point.',
    exit: 1,
  },
  'memory.out': {
    message: 'There is not enough memory for a step of the plan.',
    safe: kept,
    action: 'Close other programs, or choose fewer images at a time.',
    exit: 1,
  },
  'memory.start': {
    message: 'This plan needs about {needed} and {free} is free.',
    safe: 'Nothing was started.',
    action: 'Close other programs, or choose a smaller plan.',
    exit: 1,
  },
  'train.nan': {
    message: 'The numbers ran out of range at pass {pass}, and again with smaller steps.',
    safe: kept,
    action: 'Choose a smaller learning rate, or another adaptation method.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorEntry>;
