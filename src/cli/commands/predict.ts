import { resolve } from 'node:path';
import { coreCalls } from '../../contract/core-calls.ts';
import type { Command } from '../command.ts';
import { count, duration, plural } from '../format/numbers.ts';
import { table } from '../format/table.ts';
import { toInput } from '../parse.ts';
import { projectPositional } from '../run-options.ts';

export const predictCommand: Command = {
  name: 'predict',
  summary: 'Name every image: class, probability, second choice, margin',
  positionals: [projectPositional],
  options: {
    run: { kind: 'text', value: '<ID>', help: 'the run whose model is applied', required: true },
    out: { kind: 'text', value: '<csv>', help: 'the CSV file to write', required: true },
    images: { kind: 'text', value: '<folder>', help: 'another folder; the images of the project without it' },
    table: {
      kind: 'text',
      value: '<csv>',
      help: 'with --images, for a model that uses columns: their values; missing ones are allowed',
    },
    arm: { kind: 'text', value: '<NAME>', help: 'plain or adapted; the recommended one without it' },
  },
  example: 'acclimate predict ./smears-project --run 20260503-1 --out names.csv',
  async run({ positionals, values }, shell) {
    const input = toInput('predict', coreCalls.predict.input, {
      project: resolve(positionals[0]!),
      run: values['run'],
      out: resolve(String(values['out'])),
      ...('images' in values ? { images: resolve(String(values['images'])) } : {}),
      ...('table' in values ? { table: resolve(String(values['table'])) } : {}),
      ...('arm' in values ? { arm: values['arm'] } : {}),
    });
    const summary = await shell.call('predict', input);
    return {
      json: summary,
      text: [
        `${plural(summary.images, 'image')} named in ${duration(summary.seconds)} by the model ${summary.arm === 'adapted' ? 'with' : 'without'} adaptation of run ${summary.run}.`,
        ...(summary.unreadable > 0 ? [`${plural(summary.unreadable, 'file')} could not be read.`] : []),
        ...summary.missing
          .filter(({ images }) => images > 0)
          .map(({ column, images }) => `${column} is missing for ${count(images)} of them.`),
        '',
        table(
          ['Class', 'images'],
          summary.perClass.map(({ class: name, images }) => [name, count(images)]),
        ),
        '',
        `Written to ${summary.out}`,
      ].join('\n'),
    };
  },
};
