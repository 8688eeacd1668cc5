import type { Command } from '../command.ts';
import { resultsText } from '../format/results.ts';
import { projectPositional, projectRun, runIdOption } from '../run-options.ts';

export const resultsCommand: Command = {
  name: 'results',
  summary: 'Show what came out of a run: with and without adaptation, with ranges',
  positionals: [projectPositional],
  options: { run: runIdOption },
  example: 'acclimate results ./smears-project --json',
  async run(parsed, shell) {
    const results = await shell.call('results.get', projectRun(parsed));
    return { json: results, text: resultsText(results) };
  },
};
