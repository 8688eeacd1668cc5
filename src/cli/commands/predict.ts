import { resolve } from 'node:path';
import { coreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { PredictionSummary } from '../../contract/runs.ts';
import type { Command, Parsed, Shell } from '../command.ts';
import { count, duration, plural } from '../format/numbers.ts';
import { table } from '../format/table.ts';
import { unlikeLines } from '../format/unlike.ts';
import { toInput } from '../parse.ts';
import { projectPositional } from '../run-options.ts';

export const predictCommand: Command = {
  name: 'predict',
  summary: 'Name every image: class, probability, second choice, margin',
  positionals: [projectPositional],
  options: {
    run: { kind: 'text', value: '<ID>', help: 'the run whose model is applied; or' },
    model: { kind: 'text', value: '<onnx>', help: 'a model file that was exported here or in another project' },
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
    const summary = await named(positionals[0]!, values, shell);
    return {
      json: summary,
      text: [
        `${plural(summary.images, 'image')} named in ${duration(summary.seconds)} by the model ${summary.arm === 'adapted' ? 'with' : 'without'} adaptation of run ${summary.run}.`,
        ...(summary.unreadable > 0 ? [`${plural(summary.unreadable, 'file')} could not be read.`] : []),
        ...summary.missing
          .filter(({ images }) => images > 0)
          .map(({ column, images }) => `${column} is missing for ${count(images)} of them.`),
        ...unlikeLines(summary, 'images' in values),
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

/** By a run of the project, or by a model file. */
function named(project: string, values: Parsed['values'], shell: Shell): Promise<PredictionSummary> {
  const { run, model } = values;
  if ((run === undefined) === (model === undefined))
    throw new AppError('usage.missing', { command: 'predict', what: 'either --run <ID> or --model <onnx>' });
  const common = {
    project: resolve(project),
    out: resolve(String(values['out'])),
    ...('images' in values ? { images: resolve(String(values['images'])) } : {}),
  };
  if (model !== undefined) {
    const input = { ...common, rater: '', file: resolve(String(model)) };
    return shell.call('models.predict', toInput('predict', coreCalls['models.predict'].input, input));
  }
  const input = {
    ...common,
    run,
    ...('table' in values ? { table: resolve(String(values['table'])) } : {}),
    ...('arm' in values ? { arm: values['arm'] } : {}),
  };
  return shell.call('predict', toInput('predict', coreCalls.predict.input, input));
}
