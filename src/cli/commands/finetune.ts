import type { Command } from '../command.ts';
import { resultsText } from '../format/results.ts';
import { projectPositional, runInput, runOptions } from '../run-options.ts';

export const finetuneCommand: Command = {
  name: 'finetune',
  summary: 'Only train with your labels, on an adaptation that is there, and check',
  positionals: [projectPositional],
  options: { ...runOptions, run: { kind: 'text', value: '<ID>', help: 'whose adaptation; the last one without it' } },
  example: 'acclimate finetune ./smears-project --regime norm',
  async run(parsed, shell) {
    const input = runInput('finetune', parsed);
    const run = parsed.values['run'];
    const end = await shell.call(
      'runs.finetune',
      { ...input, ...(run === undefined ? {} : { run: String(run) }) },
      { pausable: input.project },
    );
    return {
      json: end,
      text: end.results === null ? `Run ${end.run} has no results yet.` : resultsText(end.results),
      done: end.results !== null,
    };
  },
};
