import { resolve } from 'node:path';
import { rankInputSchema, type Ranking } from '../../contract/episodes.ts';
import type { Command } from '../command.ts';
import { table } from '../format/table.ts';
import { toInput } from '../parse.ts';
import { projectPositional } from '../run-options.ts';

export const rankCommand: Command = {
  name: 'rank',
  summary: 'Rank starting models by small tasks made of your labels, before a long run',
  positionals: [projectPositional],
  options: {
    backbones: { kind: 'list', value: '<NAME>', help: 'a starting model; without any, all that can be used' },
    runs: { kind: 'list', value: '<ID>', help: 'a run whose adapted model takes part' },
    way: { kind: 'number', value: '<N>', help: 'classes of a task' },
    shots: { kind: 'number', value: '<K>', help: 'labels per class to learn from' },
    queries: { kind: 'number', value: '<N>', help: 'images per class to be tested on' },
    episodes: { kind: 'number', value: '<N>', help: 'how many tasks' },
    regimes: { kind: 'list', value: '<NAME>', help: 'also train the backbone: norm, staged, full or hyper-rule' },
    trained: { kind: 'number', value: '<N>', help: 'on how many of the tasks, as each takes long' },
    size: { kind: 'number', value: '<PX>', help: 'side in pixels at which images are looked at' },
    seed: { kind: 'number', value: '<N>', help: 'seed of the tasks' },
    engine: { kind: 'text', value: '<NAME>', help: 'auto, onnx or eager' },
  },
  example: 'acclimate rank ./smears-project --shots 5 --regimes norm --regimes full',
  async run({ positionals, values }, shell) {
    const { json: _, debug: __, ...given } = values;
    const input = toInput('rank', rankInputSchema, { ...given, project: resolve(positionals[0]!) });
    const ranking = await shell.call('runs.rank', input);
    return { json: ranking, text: textOf(ranking) };
  },
};

const percent = (value: number): string => (100 * value).toFixed(1);

function textOf({ candidates, foretells }: Ranking): string {
  const names = candidates[0]?.scores.map(({ name }) => name) ?? [];
  return [
    table(
      ['Named correctly, of 100 (95 % range)', ...names],
      candidates.map(({ name, scores }) => [
        name,
        ...scores.map(({ mean, ci }) => `${percent(mean)} (${percent(ci[0])} to ${percent(ci[1])})`),
      ]),
    ),
    ...foretells.map(({ name, tau }) =>
      tau === null
        ? `Whether ${name} foretells the order by full cannot be told from so few models; it takes 4.`
        : `The order by ${name} agrees with that by full by a Kendall's tau of ${tau.toFixed(2)}; 1 is the same order.`,
    ),
  ].join('\n');
}
