import type { ErrorEntry } from '../errors.ts';

export const projectErrors = {
  'project.missing': {
    message: 'There is no project in {folder}.',
    safe: 'Nothing was changed.',
    action: 'Make one with `acclimate import <folder> --project {folder}`.',
    exit: 2,
  },
  'project.unknown': {
    message: 'No project with the number {project} was opened on this computer, or its folder is gone.',
    safe: 'Nothing was changed.',
    action: 'Open the project by its folder.',
    exit: 2,
  },
  'project.notEmpty': {
    message: 'The folder {folder} holds other files and is no project.',
    safe: 'Nothing was changed.',
    action: 'Choose an empty or a new folder for the project.',
    exit: 2,
  },
  'project.outsideRoot': {
    message: 'On this computer projects are kept in {root} only.',
    safe: 'Nothing was written.',
    action: 'Choose a folder below it, or ask the administrator (`projectRoot` in the policy file).',
    exit: 2,
  },
  'project.holdsImages': {
    message: 'The folder of this project, {folder}, holds the images too, so it is not deleted.',
    safe: 'Nothing was deleted. Images are never touched.',
    action: 'Take the project off the list, or move the images to a place of their own first.',
    exit: 2,
  },
  'project.unknownBackup': {
    message: 'There is no backup {backup} of this project.',
    safe: 'Nothing was changed.',
    action: 'Choose one from the list of backups.',
    exit: 2,
  },
  'project.badBackup': {
    message: 'The backup {backup} is not as it was when it was made, so it was not restored.',
    safe: 'The project is as it was. Other backups are not affected.',
    action: 'Choose another backup, and tell the person responsible.',
    exit: 1,
  },
  'project.insideImages': {
    message: 'The project {project} would lie inside the folder of images {folder}, or around it.',
    safe: 'Nothing was written.',
    action: 'Choose a project folder outside the images.',
    exit: 2,
  },
  'project.unwritable': {
    message: 'The project folder {folder} cannot be written: {reason}.',
    safe: 'Nothing was changed.',
    action: 'Choose a folder you may write to, or ask for the right.',
    exit: 2,
  },
  'project.locked': {
    message: 'This project is open in another Acclimate on {host} (process {pid}) since {since}.',
    safe: 'Nothing was changed.',
    action: 'Close it there, or wait until it is done.',
    exit: 1,
  },
  'project.readOnly': {
    message: 'This project was opened for looking only.',
    safe: 'Nothing was changed.',
    action: 'Open it again when nobody else uses it.',
    exit: 2,
  },
  'project.diskFull': {
    message: 'The disk with the project is full, so the last change was not kept.',
    safe: 'Everything before it is saved.',
    action: 'Free some space and try again.',
    exit: 1,
  },
  'db.corrupt': {
    message:
      'The database of this project is damaged ({reason}). It was not opened for writing, so nothing has changed.',
    safe: 'Your images are not affected. Backups: {backups}.',
    action: 'Copy the newest backup over project.db, after keeping the damaged file elsewhere.',
    exit: 1,
  },
  'db.future': {
    message:
      'This project was last used with a newer Acclimate (version {found} of its database; this one knows {known}). It was not opened, so nothing has changed.',
    safe: 'Everything in the project is as it was. Backups: {backups}.',
    action: 'Use the newer Acclimate, or a backup from before.',
    exit: 1,
  },
  'db.migration': {
    message:
      'The database of this project could not be brought up to date (step {step}: {reason}), so it is as it was.',
    safe: 'A backup was made before: {backup}.',
    action: 'Use the Acclimate that made the project, and report this.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorEntry>;
