import { z } from 'zod';
import { providerNameSchema } from '../../contract/machine.ts';
import type { Command } from '../command.ts';
import { machineText } from '../format/machine.ts';
import { toInput } from '../parse.ts';

const inputSchema = z.object({ provider: providerNameSchema.optional() });

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Describe this computer: what it computes on, self-tests, speeds',
  positionals: [],
  options: {
    provider: {
      kind: 'text',
      value: '<NAME>',
      help: `try this one alone beside the processor: ${providerNameSchema.options.join(', ')}`,
    },
  },
  example: 'acclimate doctor',
  async run({ values }, shell) {
    const { provider } = toInput('doctor', inputSchema, values);
    const machine = await shell.call('machine.describe', { full: true, provider });
    return { json: machine, text: machineText(machine) };
  },
};
