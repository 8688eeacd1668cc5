import { resolve } from 'node:path';
import { coreCalls } from '../../contract/core-calls.ts';
import type { Command } from '../command.ts';
import { toInput } from '../parse.ts';
import { projectPositional, projectRun, runIdOption } from '../run-options.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'Write the results of a run as one HTML file: no scripts, nothing from elsewhere, prints well',
  positionals: [projectPositional],
  options: {
    to: { kind: 'text', value: '<file>', help: 'the HTML file to write, never among the images', required: true },
    run: runIdOption,
    language: { kind: 'text', value: '<NAME>', help: 'en or de; en without it' },
    'with-images': {
      kind: 'flag',
      help: 'with example images and the names of files and groups: they may show who a patient is',
    },
  },
  example: 'acclimate report ./smears-project --to report.html',
  async run(parsed, shell) {
    const { to, language, withImages } = parsed.values;
    const { settings } = await shell.call('settings.get', {});
    const out = resolve(String(to));
    const input = toInput('report', coreCalls['exports.report'].input, {
      ...projectRun(parsed),
      out,
      rater: settings.rater ?? '',
      ...(language === undefined ? {} : { locale: language }),
      ...(withImages === undefined ? {} : { withImages }),
    });
    const { files } = await shell.call('exports.report', input);
    const text = files.map(({ bytes, sha256 }) => `Written to ${out}, ${bytes} bytes, SHA-256 ${sha256}.`);
    return { json: { out, files }, text: text.join('\n') };
  },
};
