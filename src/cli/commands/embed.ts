import { resolve } from 'node:path';
import { armSchema } from '../../contract/run-files.ts';
import { z } from 'zod';
import type { Command } from '../command.ts';
import { plural } from '../format/numbers.ts';
import { toInput } from '../parse.ts';
import { projectPositional, runInput, runOptions } from '../run-options.ts';

export const embedCommand: Command = {
  name: 'embed',
  summary: 'Write what the model sees in each image as numbers (features)',
  positionals: [projectPositional],
  options: {
    ...runOptions,
    out: { kind: 'text', value: '<file>', help: 'a .safetensors file to write', required: true },
    arm: { kind: 'text', value: '<NAME>', help: 'plain (default) or adapted' },
    run: { kind: 'text', value: '<ID>', help: 'whose adaptation; the last one without it' },
  },
  example: 'acclimate embed ./smears-project --arm adapted --out features.safetensors',
  async run(parsed, shell) {
    const { arm } = toInput('embed', z.object({ arm: armSchema.default('plain') }), {
      ...('arm' in parsed.values ? { arm: parsed.values['arm'] } : {}),
    });
    const run = parsed.values['run'];
    const embedded = await shell.call('runs.embed', {
      ...runInput('embed', parsed),
      arm,
      out: resolve(String(parsed.values['out'])),
      ...(run === undefined ? {} : { run: String(run) }),
    });
    return { json: embedded, text: `Features of ${plural(embedded.images, 'image')} are in ${embedded.out}.` };
  },
};
