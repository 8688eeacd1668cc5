import type { ErrorEntry } from '../errors.ts';

const nothingChanged = 'Nothing was changed: weights are checked before they are used.';

export const weightErrors = {
  'weights.not-found': {
    message: 'There is no weights file {file}.',
    safe: nothingChanged,
    action: 'Check the path, or choose a backbone whose weights are shipped (`acclimate doctor` lists them).',
    exit: 2,
  },
  'weights.none': {
    message: 'No weights for {backbone} are shipped or imported.',
    safe: nothingChanged,
    action: 'Import weights of it (docs/weights.md says where to get them), or choose efficientnet-lite0.',
    exit: 2,
  },
  'weights.format': {
    message: 'The weights file {file} cannot be used: {reason}.',
    safe: nothingChanged,
    action: 'Get the file again from where it came from; it may have been cut short on the way.',
    exit: 1,
  },
  'weights.unsafe': {
    message:
      'The checkpoint {file} names {wanted}, which weights do not need. It was refused, and nothing of it was run.',
    safe: nothingChanged,
    action: 'Get the weights as a plain state dict or as .safetensors (docs/weights.md says how to save one).',
    exit: 1,
  },
  'weights.empty': {
    message: 'The file {file} holds no tensors under names.',
    safe: nothingChanged,
    action: 'Get the weights as a state dict, which gives every tensor by its name.',
    exit: 1,
  },
  'weights.unknown': {
    message: 'No imported weights have the checksum {sha256}.',
    safe: 'Nothing was changed.',
    action: 'Look at the list again; they may have been removed elsewhere.',
    exit: 2,
  },
  'weights.hash': {
    message: 'The file {file} is not the one that is expected: its checksum is {actual}, not {expected}.',
    safe: nothingChanged,
    action: 'Get the file again from where it came from, or import it anew if you replaced it on purpose.',
    exit: 1,
  },
  'weights.missing': {
    message: 'The file {file} lacks {count} of the tensors of {backbone}, first {tensor}.',
    safe: nothingChanged,
    action: 'Choose the backbone the file belongs to, with the names of timm, torchvision or, for BiT, Google.',
    exit: 1,
  },
  'weights.extra': {
    message: 'The file {file} holds {count} tensors that {backbone} does not have, first {tensor}.',
    safe: nothingChanged,
    action: 'Choose the backbone the file belongs to, with the names of timm, torchvision or, for BiT, Google.',
    exit: 1,
  },
  'weights.shape': {
    message: 'In {file} the tensor {tensor} has the shape {actual}, where {backbone} has {expected}.',
    safe: nothingChanged,
    action: 'Choose the backbone the file belongs to.',
    exit: 1,
  },
  'backbone.size': {
    message: '{backbone} cannot look at images of {size} px: the side must be a multiple of {step}.',
    safe: 'Nothing was started.',
    action: 'Choose a size that {step} divides, such as 96 or 224.',
    exit: 2,
  },
  'backbone.statistics': {
    message: '{backbone} has no batch normalisation, so there are no statistics of batches to train with.',
    safe: 'Nothing was started.',
    action: 'Leave the batch statistics at frozen, or choose a backbone with batch normalisation, such as resnet18.',
    exit: 2,
  },
  'backbone.unknown': {
    message: 'There is no backbone named {backbone}.',
    safe: 'Nothing was changed.',
    action: 'Choose one of: {known}.',
    exit: 2,
  },
} as const satisfies Record<string, ErrorEntry>;
