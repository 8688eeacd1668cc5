import { resolve } from 'node:path';
import type { Command } from '../command.ts';
import { plural } from '../format/numbers.ts';
import { projectPositional } from '../run-options.ts';

export const auditVerifyCommand: Command = {
  name: 'audit verify',
  summary: 'Recompute the audit trail of a project and compare it with its tables',
  positionals: [projectPositional],
  options: {
    stamp: {
      kind: 'text',
      value: '<file>',
      help: 'a report or table that was exported: whether the trail still tells of it',
    },
  },
  example: 'acclimate audit verify ./smears-project',
  async run({ positionals, values }, shell) {
    const file = values['stamp'];
    const audit = await shell.call('audit.verify', {
      project: resolve(positionals[0]!),
      ...(file === undefined ? {} : { file: resolve(String(file)) }),
    });
    return {
      json: audit,
      text: [
        audit.ok
          ? `The audit trail is whole: ${plural(audit.entries, 'entry', 'entries')}, head ${audit.head}.`
          : `The audit trail${file === undefined ? '' : ', or the file,'} does not match (${plural(audit.entries, 'entry', 'entries')}). Labels and results still open. Keep this folder as it is and tell the person responsible.`,
        ...audit.problems.map(({ sentence }) => `  ${sentence}`),
      ].join('\n'),
      done: audit.ok,
    };
  },
};
