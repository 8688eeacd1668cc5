import { resolve } from 'node:path';
import { z } from 'zod';
import { weightsImportSchema } from '../../contract/weights.ts';
import type { Command } from '../command.ts';
import { toInput } from '../parse.ts';

export const weightsCommand: Command = {
  name: 'weights',
  summary: 'Bring weights of your own for a backbone: a .safetensors file with the names timm uses',
  positionals: [{ name: '<file>', help: 'the .safetensors file; it is checked, then copied into the project' }],
  options: {
    project: { kind: 'text', value: '<dir>', help: 'the folder of the project', required: true },
    backbone: { kind: 'text', value: '<NAME>', help: 'what they are of, such as efficientnet-lite1', required: true },
    licence: { kind: 'text', value: '<text>', help: 'their licence, for your records' },
    source: { kind: 'text', value: '<text>', help: 'where they come from, for your records' },
    side: { kind: 'number', value: '<PX>', help: 'side in pixels they were trained at; 224 without it' },
  },
  example:
    'acclimate weights ./efficientnet-lite1.safetensors --project ./smears-project --backbone efficientnet-lite1',
  async run({ positionals, values }, shell) {
    const schema = weightsImportSchema.extend({ project: z.string() });
    const file = resolve(positionals[0]!);
    const input = toInput('weights', schema, { ...values, file, project: resolve(String(values['project'])) });
    const imported = await shell.call('weights.import', input);
    const { backbone, sha256 } = imported;
    const text = `Weights of ${backbone} are in the project (sha256 ${sha256.slice(0, 12)}…).\nNext: acclimate run ${input.project} --backbone ${backbone}`;
    return { json: imported, text };
  },
};
