import { resolve } from 'node:path';
import type { Command } from '../command.ts';
import { table } from '../format/table.ts';
import { projectPositional } from '../run-options.ts';

export const runsCommand: Command = {
  name: 'runs',
  summary: 'List what was done in a project',
  positionals: [projectPositional],
  options: {},
  example: 'acclimate runs ./smears-project',
  async run({ positionals }, shell) {
    const listed = await shell.call('runs.list', { project: resolve(positionals[0]!) });
    const rows = listed.runs.map(({ id, kind, state, createdAt, fraction, summary, error }) => [
      id,
      kind,
      state === 'finished' ? state : `${state} ${Math.floor(fraction * 100)} %`,
      createdAt,
      error ?? summary,
    ]);
    return {
      json: listed,
      text: rows.length === 0 ? 'No runs yet.' : table(['run', 'kind', 'state', 'started', 'summary'], rows, 5),
    };
  },
};
