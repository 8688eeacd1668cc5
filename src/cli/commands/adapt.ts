import type { Command } from '../command.ts';
import { endSentence } from '../format/outcome.ts';
import { speedText } from '../format/results.ts';
import { projectPositional, runInput, runOptions } from '../run-options.ts';

export const adaptCommand: Command = {
  name: 'adapt',
  summary: 'Only adapt the starting model to your images, without labels',
  positionals: [projectPositional],
  options: runOptions,
  example: 'acclimate adapt ./smears-project --method byol --epochs 4',
  async run(parsed, shell) {
    const input = runInput('adapt', parsed);
    const adapted = await shell.call('runs.adapt', input, { pausable: input.project });
    return {
      json: adapted,
      text: [
        endSentence(adapted, input.project),
        ...adapted.sha256.map((hash, seed) => `  seed ${seed}: sha256 ${hash}`),
        ...adapted.speed.map((speed, seed) => `  seed ${seed}: ${speedText(speed)}`),
        ...(adapted.outcome === 'finished' ? [`Next: acclimate finetune ${input.project} --run ${adapted.run}`] : []),
      ].join('\n'),
      done: adapted.outcome === 'finished',
    };
  },
};
