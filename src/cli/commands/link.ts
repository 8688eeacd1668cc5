import { z } from 'zod';
import { personSchema } from '../../contract/settings.ts';
import { settingsFolder } from '../../files/settings-folder.ts';
import { askForLink } from '../../server/control.ts';
import type { Command } from '../command.ts';
import { toInput } from '../parse.ts';

export const linkCommand: Command = {
  name: 'link',
  summary: 'Make a further link to the running server; with --rater it labels as that person only',
  positionals: [],
  options: { rater: { kind: 'text', value: '<name>', help: 'who labels there' } },
  example: 'acclimate link --rater Ann',
  async run({ values }) {
    const { rater } = toInput('link', z.object({ rater: personSchema.shape.name.nullable().default(null) }), values);
    const url = await askForLink(settingsFolder(), rater);
    return { json: { url, rater }, text: `${rater === null ? 'Once' : `For ${rater}, once`}, within a minute: ${url}` };
  },
};
