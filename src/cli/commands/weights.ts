import { resolve } from 'node:path';
import { weightsImportSchema, type ImportRecord } from '../../contract/weights.ts';
import type { Command } from '../command.ts';
import { toInput } from '../parse.ts';

export const weightsCommand: Command = {
  name: 'weights',
  summary: 'Bring weights of your own for a backbone, from PyTorch (.pth, .pt, .bin), NumPy (.npz) or .safetensors',
  positionals: [{ name: '<file>', help: 'it is checked, nothing of it is run, and what is needed is copied' }],
  options: {
    backbone: { kind: 'text', value: '<NAME>', help: 'what they are of, such as resnet50', required: true },
    licence: { kind: 'text', value: '<text>', help: 'their licence, for your records' },
    source: { kind: 'text', value: '<text>', help: 'where they come from, for your records' },
    side: { kind: 'number', value: '<PX>', help: 'side in pixels they were trained at; 224 without it' },
  },
  example:
    'acclimate weights ./resnet50.pth --backbone resnet50 --licence BSD-3-Clause --source "torchvision, IMAGENET1K_V2"',
  async run({ positionals, values }, shell) {
    const input = toInput('weights', weightsImportSchema, { ...values, file: resolve(positionals[0]!) });
    const record = await shell.call('weights.import', input);
    return { json: record, text: told(record) };
  },
};

function told({ backbone, sha256, origin }: ImportRecord): string {
  const { part, prefix, names, left } = origin;
  const taken = [part === '' ? '' : ` from ${part}`, prefix === '' ? '' : `, after the prefix ${prefix}`].join('');
  const others = left.count > left.names.length ? `, and ${left.count - left.names.length} more` : '';
  return [
    `Weights of ${backbone} are ready for every project (sha256 ${sha256.slice(0, 12)}…).`,
    `They were taken by the names of ${names}${taken}. The file has the sha256 ${origin.sha256}.`,
    ...(left.count > 0 ? [`Left out: ${left.names.join(', ')}${others}.`] : []),
    `Next: acclimate run <project> --backbone ${backbone}`,
  ].join('\n');
}
