import type { ErrorEntry } from '../errors.ts';

export const viewErrors = {
  'view.unknown': {
    message: 'This list of images is not there any more.',
    safe: 'Images and labels are as they were.',
    action: 'Open the list again.',
    exit: 1,
  },
  'view.notReady': {
    message: 'This order of the images is not there yet.',
    safe: 'Images and labels are as they were.',
    action: 'Wait until Acclimate has looked at your images, or choose another order.',
    exit: 1,
  },
  'image.unknown': {
    message: 'Image {image} is not in this project.',
    safe: 'Nothing was changed.',
    action: 'Load the list of images again.',
    exit: 2,
  },
  'image.key': {
    message: 'This address of a picture is not valid any more.',
    safe: 'Nothing was sent.',
    action: 'Load the list of images again.',
    exit: 1,
  },
  'image.unreadable': {
    message: 'This picture cannot be shown: {reason}.',
    safe: 'Your images are never changed.',
    action: 'Look at the file with another program, or plug in the drive it lies on.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorEntry>;
