import type { ErrorEntry } from '../errors.ts';

const untouched = 'Your images are never changed.';

export const libraryErrors = {
  'folder.missing': {
    message: 'The folder with the images is not there: {folder}.',
    safe: `${untouched} Labels and results already in the project are safe.`,
    action: 'Check the name, or plug in the drive.',
    exit: 2,
  },
  'folder.unreadable': {
    message: 'The folder {folder} may not be read.',
    safe: untouched,
    action: 'Ask for the right to read it, or choose another folder.',
    exit: 2,
  },
  'folder.noneOfThese': {
    message: 'None of the images of this project is in {folder}.',
    safe: `${untouched} Labels and results are safe, and the project is as it was.`,
    action: 'Choose the folder the images were moved to, or plug in the drive.',
    exit: 2,
  },
  'folder.empty': {
    message: 'There is no image in {folder}.',
    safe: untouched,
    action: 'Choose a folder with JPEG, PNG, WebP, TIFF, BMP or GIF files.',
    exit: 2,
  },
  'folder.noneReadable': {
    message: 'None of the {files} files in {folder} is an image that can be read; the first, {first}: {reason}.',
    safe: untouched,
    action: 'Choose a folder with JPEG, PNG, WebP, TIFF, BMP or GIF files.',
    exit: 2,
  },
  'folder.overlap': {
    message: 'The folder for adaptation only, {unlabelled}, and the folder of images, {folder}, lie in each other.',
    safe: `${untouched} Nothing was imported.`,
    action: 'Give a folder that is beside the other one.',
    exit: 2,
  },
  'folder.other': {
    message: 'This project belongs to the images in {known}, not to {folder}.',
    safe: 'The project is as it was.',
    action: 'Import into a new project, or give the folder the project was made from.',
    exit: 2,
  },
  'classes.one': {
    message: 'There is only one class, {class}; telling apart needs at least two.',
    safe: 'The images are imported and nothing is lost.',
    action: 'Put the images of each class in a folder of their own, or label a second class.',
    exit: 2,
  },
  'classes.none': {
    message: 'No image has a label yet.',
    safe: 'The images are imported and nothing is lost.',
    action: 'Import with one folder per class, or with --labels and a file of labels.',
    exit: 2,
  },
  'classes.unknown': {
    message: 'There is no class {class} in this project any more.',
    safe: 'No label was changed.',
    action: 'Look at the list of classes again.',
    exit: 2,
  },
  'classes.taken': {
    message: 'There is a class {name} already.',
    safe: 'Nothing was changed.',
    action: 'Choose another name, or merge the two classes.',
    exit: 2,
  },
  'labels.few': {
    message: '{class} has {labels} training labels; {needed} are needed.',
    safe: 'All labels are kept.',
    action: 'Label more images of {class}, or use fewer labels per class.',
    exit: 2,
  },
  'labels.noCheck': {
    message: 'Too few images are labelled to check anything: {labels} labels in all, and {needed} are needed.',
    safe: 'All labels are kept.',
    action: 'Label more images.',
    exit: 2,
  },
  'labels.fileMissing': {
    message: 'The file of labels is not there: {file}.',
    safe: 'Nothing was imported.',
    action: 'Check the name.',
    exit: 2,
  },
  'labels.fileUnreadable': {
    message: 'The file of labels could not be understood: {file}, line {line}: {reason}.',
    safe: 'Nothing was imported.',
    action: 'Save it as CSV or TSV with a line of column names, or as lines of IMAGE CLASS_NUMBER.',
    exit: 2,
  },
  'labels.columnMissing': {
    message: 'The file of labels has no column {column}; it has {columns}.',
    safe: 'Nothing was imported.',
    action: 'Name one of its columns.',
    exit: 2,
  },
  'labels.noFileColumn': {
    message: 'No column of {file} holds the names of images in {folder}; it has {columns}.',
    safe: 'Nothing was imported.',
    action: 'Check that the file of labels belongs to this folder, or name the column.',
    exit: 2,
  },
  'labels.conflict': {
    message: '{image} has two labels by {rater} in the file of labels: {first} and {second}.',
    safe: 'Nothing was imported.',
    action: 'Leave one of them, or add a column that says who gave each label.',
    exit: 2,
  },
  'labels.unknownImage': {
    message: 'Image {image} is not in this project.',
    safe: 'No label was changed.',
    action: 'Load the list of images again.',
    exit: 2,
  },
  'labels.adaptOnly': {
    message: 'Image {image} belongs to the folder for adaptation only, which is never labelled.',
    safe: 'No label was changed.',
    action: 'Import the folder as images to label if it should be.',
    exit: 2,
  },
  'labels.scanning': {
    message: 'The images are still looked at for the first time.',
    safe: 'No label was changed.',
    action: 'Label them when that is done: only then it is known which images are kept for checking.',
    exit: 1,
  },
  'disk.labelFail': {
    message: 'This label could not be written: the project folder is read-only or full.',
    safe: 'It is kept in memory and tried again every 5 seconds ({unsaved} waiting).',
    action: 'Do not close Acclimate yet; free some space.',
    exit: 1,
  },
  'labels.nothingToUndo': {
    message: 'There is nothing to undo for {rater}.',
    safe: 'All labels are kept.',
    action: 'Go on labelling.',
    exit: 2,
  },
  'labels.nothingToRedo': {
    message: 'There is nothing to redo for {rater}.',
    safe: 'All labels are kept.',
    action: 'Go on labelling.',
    exit: 2,
  },
  'export.insideImages': {
    message: 'The file {out} would lie in the folder of images {folder}.',
    safe: 'Nothing was written.',
    action: 'Choose a place outside the images.',
    exit: 2,
  },
  'export.unwritable': {
    message: 'The file {out} cannot be written: {reason}.',
    safe: 'Nothing was written; all labels are kept.',
    action: 'Choose a folder you may write to.',
    exit: 2,
  },
  'groups.pattern': {
    message: 'The pattern {pattern} is no group pattern: {reason}.',
    safe: 'Nothing was imported.',
    action:
      'Write {group} once where the name of the patient, slide or plate stands, and * for anything else, such as P{group}_*.',
    exit: 2,
  },
  'groups.noMatch': {
    message: 'No file name matches the group pattern {pattern}; the first file is {first}.',
    safe: 'Nothing was imported.',
    action: 'Change the pattern so that it fits the names.',
    exit: 2,
  },
  'groups.needLabelsFile': {
    message: 'The group column {column} needs a file of labels that holds it.',
    safe: 'Nothing was imported.',
    action: 'Add --labels with the file, or give a file-name pattern with {group}.',
    exit: 2,
  },
  'split.leak': {
    message: 'A split puts {what} on both sides, so its score would be too good.',
    safe: 'Nothing was trained or scored with it.',
    action: 'Import the folder again to rebuild the groups, and report this if it comes back.',
    exit: 1,
  },
  'images.decoder': {
    message: 'The part of Acclimate that reads images does not start.',
    safe: untouched,
    action: 'Install Acclimate again; `acclimate doctor` tells what is missing.',
    exit: 1,
  },
  'images.closed': {
    message: 'Reading images was stopped.',
    safe: untouched,
    action: 'Start it again; it continues where it was.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorEntry>;
