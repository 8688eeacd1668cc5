import { resolve } from 'node:path';
import type { Command } from '../command.ts';
import { projectPositional } from '../run-options.ts';

export const bundleCommand: Command = {
  name: 'bundle',
  summary: 'Write a project as one zip: database, labels, runs and models; not the images',
  positionals: [projectPositional],
  options: {
    to: { kind: 'text', value: '<file>', help: 'the zip to write, never among the images', required: true },
    thumbnails: { kind: 'flag', help: 'with the small pictures: they may show patient data' },
  },
  example: 'acclimate bundle ./smears-project --to smears.zip',
  async run({ positionals, values }, shell) {
    const { settings } = await shell.call('settings.get', {});
    const out = resolve(String(values['to']));
    const { files } = await shell.call('exports.bundle', {
      project: resolve(positionals[0]!),
      rater: settings.rater ?? '',
      thumbnails: values['thumbnails'] === true,
      out,
    });
    const text = files.map(({ bytes, sha256 }) => `Written to ${out}, ${bytes} bytes, SHA-256 ${sha256}.`);
    return { json: { out, files }, text: text.join('\n') };
  },
};

export const unbundleCommand: Command = {
  name: 'unbundle',
  summary: 'Make a new project of a bundle; the images are found again with the app or `acclimate import`',
  positionals: [{ name: '<file>', help: 'the bundle' }],
  options: {
    project: { kind: 'text', value: '<dir>', help: 'the folder of the new project', required: true },
  },
  example: 'acclimate unbundle smears.zip --project ./smears-copy',
  async run({ positionals, values }, shell) {
    const folder = resolve(String(values['project']));
    const { project } = await shell.call('projects.unbundle', { file: resolve(positionals[0]!), folder });
    return { json: { project, folder }, text: `The project is in ${folder}.` };
  },
};
