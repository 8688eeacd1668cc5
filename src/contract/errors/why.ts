import type { ErrorEntry } from '../errors.ts';

export const whyErrors = {
  'why.unreadable': {
    message: 'The image cannot be read now, so nothing can be tried on it ({reason}).',
    safe: 'Labels, results and the model are as they were.',
    action: 'Put the file back where it was, or plug in the drive it lies on, and ask again.',
    exit: 1,
  },
  'why.ownWord': {
    message: 'This is a check image without a label of yours: what the model sees in it is told afterwards.',
    safe: 'Nothing was changed.',
    action: 'Label it first.',
    exit: 2,
  },
  'why.shipped': {
    message: 'The run that comes with the sample was computed before shipping and has no model that could be asked.',
    safe: 'Its results can be read.',
    action: 'Adapt to the images yourself; a short run takes a minute or two.',
    exit: 2,
  },
} as const satisfies Record<string, ErrorEntry>;
