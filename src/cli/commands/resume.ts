import type { Command } from '../command.ts';
import { runOutcome } from '../format/outcome.ts';
import { projectPositional, projectRun, runIdOption } from '../run-options.ts';

export const resumeCommand: Command = {
  name: 'resume',
  summary: 'Go on with a run that was paused or interrupted, from its last saved point',
  positionals: [projectPositional],
  options: { run: runIdOption },
  example: 'acclimate resume ./smears-project',
  async run(parsed, shell) {
    const input = projectRun(parsed);
    return runOutcome(await shell.call('runs.resume', input, { pausable: input.project }), input.project);
  },
};
