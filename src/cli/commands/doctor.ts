import type { Command } from '../command.ts';
import { machineText } from '../format/machine.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Describe this computer: what it computes on, self-tests, speeds',
  positionals: [],
  options: {},
  example: 'acclimate doctor',
  async run(_parsed, shell) {
    const machine = await shell.call('machine.describe', { full: true });
    return { json: machine, text: machineText(machine) };
  },
};
