import type { Command } from '../command.ts';
import { runOutcome } from '../format/outcome.ts';
import { planText } from '../format/plan.ts';
import { projectPositional, runInput, runOptions } from '../run-options.ts';

export const runCommand: Command = {
  name: 'run',
  summary: 'Adapt to your images, train with and without, and say which is better',
  positionals: [projectPositional],
  options: { ...runOptions, plan: { kind: 'flag', help: 'only say what it would do and how long it takes' } },
  example: 'acclimate run ./smears-project --shots 5 --draws 10',
  async run(parsed, shell) {
    const input = runInput('run', parsed);
    if (parsed.values['plan']) {
      const plan = await shell.call('runs.plan', input);
      return { json: plan, text: planText(plan) };
    }
    return runOutcome(await shell.call('runs.start', input, { pausable: input.project }), input.project);
  },
};
