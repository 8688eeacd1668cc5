import { resolve } from 'node:path';
import { importInputSchema } from '../../contract/library.ts';
import type { Command } from '../command.ts';
import { libraryText } from '../format/library.ts';
import { toInput } from '../parse.ts';

export const importCommand: Command = {
  name: 'import',
  summary: 'Look at a folder of images: counts, classes, groups, files that cannot be read',
  positionals: [{ name: '<folder>', help: 'the folder of images; it is only read' }],
  options: {
    project: { kind: 'text', value: '<dir>', help: 'where the project is kept, outside the images', required: true },
    labels: { kind: 'text', value: '<file>', help: 'a CSV or TSV with labels, or a list of IMAGE CLASS_NUMBER' },
    'file-column': { kind: 'text', value: '<name>', help: 'the column with file names; guessed without it' },
    'label-column': { kind: 'text', value: '<name>', help: 'the column with classes; guessed without it' },
    'rater-column': { kind: 'text', value: '<name>', help: 'the column that says who labelled; guessed without it' },
    groups: {
      kind: 'text',
      value: '<pattern or column>',
      help: "what must stay on one side: a column, or a pattern such as 'P{group}_*'",
    },
    'report-by': {
      kind: 'text',
      value: '<columns>',
      help: 'further columns to keep, comma between; a run can learn from them',
    },
    unlabelled: {
      kind: 'list',
      value: '<folder>',
      help: 'more images that only the adaptation may use; can be given more than once',
    },
    layout: { kind: 'text', value: '<kind>', help: 'class-per-folder, flat or labels-file; guessed without it' },
    seed: { kind: 'number', value: '<N>', help: 'seed of the reserved check side; counts at the first import only' },
  },
  example: 'acclimate import ./smears --project ./smears-project --labels labels.csv --groups patient',
  async run({ positionals, values }, shell) {
    const path = (name: string): object => (name in values ? { [name]: resolve(String(values[name])) } : {});
    const columns = Object.fromEntries(
      (['file', 'label', 'rater'] as const)
        .filter((name) => `${name}Column` in values)
        .map((name) => [name, String(values[`${name}Column`])]),
    );
    const input = toInput('import', importInputSchema, {
      folder: resolve(positionals[0]!),
      ...path('project'),
      ...path('labels'),
      ...(Array.isArray(values['unlabelled'])
        ? { unlabelled: values['unlabelled'].map((folder) => resolve(String(folder))) }
        : {}),
      ...(Object.keys(columns).length > 0 ? { columns } : {}),
      ...('groups' in values ? { groups: values['groups'] } : {}),
      ...('reportBy' in values ? { reportBy: String(values['reportBy']).split(',') } : {}),
      ...('layout' in values ? { layout: values['layout'] } : {}),
      ...('seed' in values ? { seed: values['seed'] } : {}),
    });
    const summary = await shell.call('library.import', input);
    return { json: summary, text: libraryText(summary) };
  },
};
