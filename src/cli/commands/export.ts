import { join, resolve } from 'node:path';
import { z } from 'zod';
import { coreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { Command, Parsed, Shell } from '../command.ts';
import { count } from '../format/numbers.ts';
import { table } from '../format/table.ts';
import { toInput } from '../parse.ts';
import { projectPositional } from '../run-options.ts';

interface File {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const tables = coreCalls['exports.make'].input.shape.what;
const whatSchema = z.object({ what: z.array(z.enum(['model', ...tables.options])) });

/** Tables that are made of what a model named. */
const needsBatch: readonly string[] = ['predictions', 'counts'] satisfies z.infer<typeof tables>[];

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write the model of a run as an ONNX file with its card, or tables, into a folder outside the images',
  positionals: [projectPositional],
  options: {
    what: {
      kind: 'list',
      value: '<NAME>',
      help: 'model, predictions, labels, counts, classes or unreadable; several by several --what; model without it',
    },
    run: {
      kind: 'text',
      value: '<ID>',
      help: 'the run whose model, or whose predictions and counts; needed for a model',
    },
    to: { kind: 'text', value: '<folder>', help: 'where the files go; made where it is not there', required: true },
    arm: { kind: 'text', value: '<NAME>', help: 'plain or adapted; the recommended one without it' },
    excel: { kind: 'text', value: '<LOCALE>', help: 'tables for a spreadsheet of this language, such as de' },
    anonymous: {
      kind: 'flag',
      help: 'numbers in the place of file and group names in tables, the key in a second file',
    },
  },
  example: 'acclimate export ./smears-project --run 20260503-1 --to ./model',
  async run(parsed, shell) {
    const { what } = toInput('export', whatSchema, { what: parsed.values['what'] ?? ['model'] });
    const to = resolve(String(parsed.values['to']));
    const seat = { project: resolve(parsed.positionals[0]!), rater: '' };
    const made: Made[] = [];
    for (const name of new Set(what)) {
      made.push(name === 'model' ? await model(seat, to, parsed, shell) : await tableOf(seat, name, to, parsed, shell));
    }
    return {
      json: { exports: made },
      text: made.map(({ folder, files, said }) => [...said, '', filesTable(files), '', `Written to ${folder}`].join('\n')).join('\n\n'), // prettier-ignore
    };
  },
};

interface Seat {
  readonly project: string;
  readonly rater: string;
}
interface Made {
  readonly what: string;
  readonly folder: string;
  readonly files: readonly File[];
  readonly said: readonly string[];
}

async function model(seat: Seat, to: string, { values }: Parsed, shell: Shell): Promise<Made> {
  if (values['run'] === undefined) throw new AppError('usage.missing', { command: 'export', what: '--run <ID>' });
  const input = toInput('export', coreCalls['models.export'].input, {
    ...seat,
    run: values['run'],
    folder: to,
    ...('arm' in values ? { arm: values['arm'] } : {}),
  });
  const { folder, files, run, arm, images, distance } = await shell.call('models.export', input);
  return {
    what: 'model',
    folder,
    files,
    said: [
      `The model ${arm === 'adapted' ? 'with' : 'without'} adaptation of run ${run} was opened again and tried on ${images} images: every probability within ${distance.toExponential(0)} of the app's.`,
    ],
  };
}

async function tableOf(seat: Seat, what: string, to: string, { values }: Parsed, shell: Shell): Promise<Made> {
  const batch = needsBatch.includes(what) ? { batch: await newestBatch(seat, values['run'], shell) } : {};
  const locale = values['excel'];
  const input = toInput('export', coreCalls['exports.make'].input, {
    ...seat,
    ...batch,
    what,
    out: join(to, `${what}.csv`),
    anonymous: values['anonymous'] === true,
    ...(locale === undefined ? { format: 'plain' } : { format: 'excel', locale }),
  });
  const { rows, files } = await shell.call('exports.make', input);
  return { what, folder: to, files, said: [`${what}: ${count(rows)} rows.`] };
}

/** The newest naming of the project's own images, by one run where it is named. @throws AppError `batch.none` */
async function newestBatch(seat: Seat, run: Parsed['values'][string] | undefined, shell: Shell): Promise<number> {
  const { batches } = await shell.call('apply.list', seat);
  const found = batches.find((batch) => batch.folder === null && (run === undefined || batch.run === run));
  if (!found) throw new AppError('batch.none');
  return found.batch;
}

const filesTable = (files: readonly File[]): string =>
  table(
    ['File', 'bytes', 'SHA-256'],
    files.map(({ name, bytes, sha256 }) => [name, count(bytes), sha256]),
  );
