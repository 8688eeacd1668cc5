import { resolve } from 'node:path';
import { AppError } from '../contract/errors.ts';
import { runOptionsSchema, type RunOptions } from '../contract/runs.ts';
import type { Options, Parsed, Positional } from './command.ts';
import { toInput } from './parse.ts';

export const projectPositional: Positional = { name: '<dir>', help: 'the folder of the project' };

/** What a run can be told; shared by `run`, `adapt`, `finetune` and `embed`. */
export const runOptions: Options = {
  shots: { kind: 'number', value: '<K>', help: 'labels per class in each draw; without it the labels you gave' },
  fraction: {
    kind: 'number',
    value: '<F>',
    help: "instead: a share of each class's labels in each draw, such as 0.1; at least one",
  },
  draws: { kind: 'number', value: '<N>', help: 'how often labels are drawn anew' },
  epochs: { kind: 'number', value: '<N>', help: 'passes over all images while adapting' },
  size: { kind: 'number', value: '<PX>', help: 'side in pixels at which images are looked at' },
  backbone: {
    kind: 'text',
    value: '<NAME>',
    help: 'starting model: efficientnet-lite0 to 2, efficientnet-b0 to b4, resnet18, 34 or 50, bit-resnet50x1 or 101x1, vit-small-patch16',
  },
  method: {
    kind: 'text',
    value: '<NAME>',
    help: 'how it learns, such as byol, simclr or dino; an unknown one lists all',
  },
  set: { kind: 'list', value: '<NAME=VALUE>', help: 'a setting of how it learns, such as tau=0.996' },
  regime: {
    kind: 'text',
    value: '<NAME>',
    help: 'how much is retrained: probe, norm, staged, full, hyper-rule or auto',
  },
  auxiliary: { kind: 'text', value: '<NAME>', help: 'a way to learn beside the labels while the model is retrained' },
  'auxiliary-weight': { kind: 'number', value: '<N>', help: 'how much that counts; 1 is as much as the labels' },
  'tune-statistics': {
    kind: 'text',
    value: '<KIND>',
    help: 'statistics of batch normalisation while the backbone is retrained: frozen or batch',
  },
  'layer-decay': {
    kind: 'number',
    value: '<N>',
    help: 'learning rate of each layer over that of the layer behind it, while the backbone is retrained; 1 is all alike',
  },
  columns: {
    kind: 'text',
    value: '<columns>',
    help: 'columns kept at import, comma between, such as age,site: they join the features that a classifier learns from',
  },
  seeds: { kind: 'number', value: '<N>', help: 'how often the adaptation is repeated with another seed' },
  'max-images': { kind: 'number', value: '<N>', help: 'at most so many images for the adaptation' },
  seed: { kind: 'number', value: '<N>', help: 'seed of everything random' },
  'test-time-augmentation': { kind: 'flag', help: 'average each prediction over flips and turns' },
  engine: { kind: 'text', value: '<NAME>', help: 'auto, onnx or eager' },
  'budget-seconds': {
    kind: 'number',
    value: '<N>',
    help: 'shorten the adaptation to end in about this time, and say so',
  },
};

export function runInput(command: string, { positionals, values }: Parsed): RunOptions {
  const given = Object.fromEntries(Object.entries(values).filter(([name]) => name in runOptionsSchema.shape));
  const methodSettings = values['set'] && { methodSettings: settingsOf(command, values['set'] as readonly string[]) };
  const columns = 'columns' in values && { columns: listed(String(values['columns'])) };
  const input = { ...given, ...methodSettings, ...columns, project: resolve(positionals[0]!) };
  return toInput(command, runOptionsSchema, input);
}

const listed = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

/** `tau=0.996` as a number, `true` and `false` as such, anything else as text. */
function settingsOf(command: string, pairs: readonly string[]): NonNullable<RunOptions['methodSettings']> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, text] = /^(\w+)=(.*)$/.exec(pair) ?? [];
      if (name === undefined || text === undefined)
        throw new AppError('usage.badValue', {
          command,
          option: '--set',
          value: pair,
          reason: 'it must be NAME=VALUE',
        });
      const number = text.trim() === '' ? Number.NaN : Number(text);
      return [name, text === 'true' || text === 'false' ? text === 'true' : Number.isFinite(number) ? number : text];
    }),
  );
}

export const runIdOption: Options[string] = { kind: 'text', value: '<ID>', help: 'which run; the last one without it' };

export function projectRun({ positionals, values }: Parsed): { project: string; run?: string } {
  const run = values['run'];
  return { project: resolve(positionals[0]!), ...(run === undefined ? {} : { run: String(run) }) };
}
