import type { Command } from '../command.ts';
import { projectPositional, projectRun, runIdOption } from '../run-options.ts';

export const cancelCommand: Command = {
  name: 'cancel',
  summary: 'Stop a run at its next safe point',
  positionals: [projectPositional],
  options: { run: runIdOption },
  example: 'acclimate cancel ./smears-project',
  async run(parsed, shell) {
    const row = await shell.call('runs.cancel', projectRun(parsed));
    return { json: row, text: `Run ${row.id}: ${row.state}.` };
  },
};
