import type { ErrorEntry } from '../errors.ts';

const safe = 'Nothing of the file was run, and the project is as it was.';
const askAgain = 'Ask whoever sent it for a model exported by Acclimate, or copy it again.';

export const modelErrors = {
  'model.missing': {
    message: 'The model file is not there or may not be read: {file}.',
    safe,
    action: 'Check the name.',
    exit: 2,
  },
  'model.tooLarge': {
    message: 'The model has {megabytes} MB; a model file holds at most {most} MB.',
    safe,
    action: 'Use a smaller starting model, or fewer seeds.',
    exit: 2,
  },
  'model.format': {
    message: 'This is no model file of Acclimate: {reason}.',
    safe,
    action: askAgain,
    exit: 2,
  },
  'model.operator': {
    message: 'The model uses the operator {operator}, which exported models do not need.',
    safe,
    action: askAgain,
    exit: 2,
  },
  'model.external': {
    message: 'The model keeps values in other files, which are never read.',
    safe,
    action: askAgain,
    exit: 2,
  },
  'model.damaged': {
    message: 'The model file was damaged or changed since it was exported.',
    safe,
    action: askAgain,
    exit: 2,
  },
  'model.metadata': {
    message: 'What the model file says of itself cannot be used: {reason}.',
    safe,
    action: 'Export it again with this version of Acclimate.',
    exit: 2,
  },
  'model.unusable': {
    message: 'The model cannot be run here: {reason}.',
    safe: 'The project is as it was.',
    action: 'Close other programs if memory is short; else export the model again.',
    exit: 1,
  },
  'model.unverified': {
    message: 'The exported model does not say what the app says: {reason}.',
    safe: 'The file was deleted; the model in the project is as it was.',
    action: 'Report this with the name of the starting model; `acclimate predict` names images meanwhile.',
    exit: 1,
  },
  'model.columns': {
    message: 'A model that uses columns ({columns}) cannot leave the app as a file yet: a file is given images alone.',
    safe: 'The model in the project is as it was.',
    action: 'Export a run without columns; `acclimate predict --table` names images with them.',
    exit: 2,
  },
} as const satisfies Record<string, ErrorEntry>;
