import type { ErrorEntry } from '../errors.ts';

export const runErrors = {
  'run.cancelled': {
    message: 'The run was cancelled.',
    safe: 'Labels, earlier results and the last saved point are kept.',
    action: 'Start it again with `acclimate run`, or go on from the saved point with `acclimate resume`.',
    exit: 1,
  },
  'run.none': {
    message: 'There is no run in this project yet.',
    safe: 'Nothing was changed.',
    action: 'Start one with `acclimate run`.',
    exit: 2,
  },
  'run.unknown': {
    message: 'There is no run {run} in this project.',
    safe: 'Nothing was changed.',
    action: 'See `acclimate runs` for those there are.',
    exit: 2,
  },
  'run.busy': {
    message: 'Run {run} is going on already.',
    safe: 'Nothing was changed.',
    action: 'Wait until it is done, or stop it with `acclimate cancel`.',
    exit: 1,
  },
  'run.notActive': {
    message: 'Run {run} is {state}, so there is nothing to stop.',
    safe: 'Nothing was changed.',
    action: 'See `acclimate runs` for what is going on.',
    exit: 2,
  },
  'run.notResumable': {
    message: 'Run {run} is {state}, so it cannot go on.',
    safe: 'Nothing was changed.',
    action: 'Start a new one with `acclimate run`.',
    exit: 2,
  },
  'rank.few': {
    message:
      'A few-shot task of {way} classes needs {needed} or more training labels in each, not all of one group; {classes} classes have so many.',
    safe: 'Nothing was changed.',
    action: 'Label more images, or ask for less with `--way` and `--shots`.',
    exit: 2,
  },
  'labels.twoAmounts': {
    message: 'A number of labels per class and a share of them were both asked for.',
    safe: 'Nothing was changed.',
    action: 'Give `--shots` or `--fraction`, not both.',
    exit: 2,
  },
  'columns.unknown': {
    message: 'No column {column} is kept with the images; kept are: {known}.',
    safe: 'Nothing was changed.',
    action: 'Import again with a table of labels and `--report-by {column}`, or leave the column out.',
    exit: 2,
  },
  'columns.empty': {
    message: 'Column {column} has no value for any image with a training label, so nothing can be learned from it.',
    safe: 'Nothing was changed.',
    action: 'Leave the column out, or import again with a table that has its values.',
    exit: 2,
  },
  'columns.tooMany': {
    message:
      'Column {column} has {values} different values among the labelled images; at most {most} can be told apart.',
    safe: 'Nothing was changed.',
    action: 'Leave the column out: a name or a number of a case says nothing of new cases.',
    exit: 2,
  },
  'columns.unused': {
    message: 'The model of run {run} uses no columns of a table.',
    safe: 'Nothing was written.',
    action: 'Leave `--table` out.',
    exit: 2,
  },
  'run.nothingToAdapt': {
    message:
      'Every image is labelled and fewer than {needed} can be kept for checking, so no image is left that the adaptation may learn from.',
    safe: 'The images are imported and all labels are kept.',
    action: 'Add images without labels with `acclimate import --unlabelled <folder>`, or add more images.',
    exit: 2,
  },
  'run.learnedFrom': {
    message:
      'Images that have a label now are among those that run {run} learned from, so a score on them would be too good.',
    safe: 'The earlier results and all labels are kept.',
    action: 'Adapt anew: what has a label is kept out of it.',
    exit: 2,
  },
  'run.noResults': {
    message: 'Run {run} is {state} and has no results.',
    safe: 'Nothing was changed.',
    action: 'Let it go on with `acclimate resume`, or start a new one with `acclimate run`.',
    exit: 1,
  },
  'run.inUse': {
    message: 'Run {run} named images that are under Apply, so it is kept.',
    safe: 'Nothing was changed.',
    action: 'Delete a run that was not applied.',
    exit: 2,
  },
  'run.noScored': {
    message: 'Run {run} kept no list of the images behind its numbers: an older Acclimate made it.',
    safe: 'Its numbers are as they were.',
    action: 'Run again to open the images behind each number.',
    exit: 1,
  },
  'batch.unknown': {
    message: 'There is no batch {batch} in this project.',
    safe: 'Nothing was changed.',
    action: 'Look at the list of what was applied again.',
    exit: 2,
  },
  'batch.none': {
    message: 'No model has named the images of this project in the app yet.',
    safe: 'Nothing was written.',
    action: 'Apply a model in the app first, or use `acclimate predict`, which writes a table by itself.',
    exit: 2,
  },
  'second.same': {
    message: 'A second rater is another person than {rater}.',
    safe: 'All labels are kept.',
    action: 'Choose who you are in Settings · People.',
    exit: 2,
  },
  'second.few': {
    message: '{other} has labelled too few images that you have not.',
    safe: 'All labels are kept.',
    action: 'Let them label more images, or choose another person.',
    exit: 2,
  },
  'second.none': {
    message: 'No blind rating of {rater} is going on.',
    safe: 'All labels are kept.',
    action: 'Start one first.',
    exit: 2,
  },
  'second.blind': {
    message: 'While you rate blind, nothing of what others or a model said is shown.',
    safe: 'All labels are kept.',
    action: 'End the blind rating first.',
    exit: 2,
  },
  'run.noModel': {
    message: 'Run {run} has no {arm} model to apply.',
    safe: 'Nothing was changed.',
    action: 'Let it go on with `acclimate resume`, or choose another run.',
    exit: 1,
  },
  'run.incomplete': {
    message: 'The run cannot be scored yet: a prediction is missing ({cell}).',
    safe: 'Labels, earlier results and what was trained are kept.',
    action: 'Let it go on with `acclimate resume`.',
    exit: 1,
  },
  'run.stateJump': {
    message: 'A run cannot go from {from} to {to}.',
    safe: 'Labels and earlier results are kept.',
    action: 'Report this; `acclimate runs` shows where the run stands.',
    exit: 1,
  },
  'disk.full': {
    message: 'The disk is full, so the run is paused at a saved point.',
    safe: 'All labels are saved, and everything up to the saved point.',
    action: 'Free some space, then run `acclimate resume`.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorEntry>;
