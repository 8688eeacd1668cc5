import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../contract/errors.ts';
import type { Command, Parsed, Shell } from '../command.ts';
import { libraryText } from '../format/library.ts';
import { runOutcome } from '../format/outcome.ts';

/** Five labels per class, five draws, the cheapest regime, and a run short enough to wait for. */
export const demoOptions = {
  shots: 5,
  draws: 5,
  epochs: 3,
  regime: 'probe',
  seeds: 1,
  size: 96,
  budgetSeconds: 120,
} as const;

const sample = fileURLToPath(new URL('../../../resources/sample/images', import.meta.url));

/** Where people look for their projects; the temporary folder where the home cannot be written. */
function defaultProject(): string {
  const home = join(homedir(), 'Acclimate');
  try {
    mkdirSync(home, { recursive: true });
    accessSync(home, constants.W_OK);
    return join(home, 'demo');
  } catch {
    return join(tmpdir(), 'acclimate-demo');
  }
}

/** Where another copy of Acclimate tried it before, that project belongs to that copy's images: the next name is used. */
async function importSample(shell: Shell, given: Parsed['values'][string] | undefined) {
  const own = given === undefined ? null : resolve(String(given));
  const usual = defaultProject();
  for (let nth = 1; ; nth++) {
    const project = own ?? (nth === 1 ? usual : `${usual}-${nth}`);
    try {
      return { project, library: await shell.call('library.import', { folder: sample, project }) };
    } catch (error) {
      if (own !== null || !(error instanceof AppError) || error.code !== 'folder.other') throw error;
    }
  }
}

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Try it: adapt to the 1,200 blood cells that come with Acclimate, in about two minutes',
  positionals: [],
  options: {
    project: {
      kind: 'text',
      value: '<dir>',
      help: 'where the project is kept; Acclimate/demo in your home without it',
    },
    epochs: { kind: 'number', value: '<N>', help: 'passes over all images while adapting; 3 without it' },
  },
  example: 'acclimate demo',
  async run({ values }, shell) {
    shell.say('Sample: 1,200 blood cells of 8 classes (Acevedo et al. 2020, CC BY 4.0; see resources/sample).');
    const { project, library } = await importSample(shell, values['project']);
    await shell.call('projects.open', { project, rater: '' });
    shell.say(libraryText(library).split('\n')[0]!);
    const end = await shell.call(
      'runs.start',
      { ...demoOptions, project, ...('epochs' in values ? { epochs: Number(values['epochs']) } : {}) },
      { pausable: project },
    );
    const outcome = runOutcome(end, project);
    return {
      ...outcome,
      json: { project, ...end },
      text: [
        outcome.text,
        '',
        `Files:        ${project}`,
        'Open the app: npm start',
        ...(end.outcome === 'finished'
          ? [
              `See it again: acclimate results ${project}`,
              `Name images:  acclimate predict ${project} --run ${end.run} --out names.csv`,
              'Your images:  acclimate import <folder> --project <dir>',
            ]
          : []),
      ].join('\n'),
    };
  },
};
