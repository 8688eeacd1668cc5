import type { Command } from '../command.ts';
import { AppError, type ErrorCode } from '../../contract/errors.ts';
import { againstText } from '../format/against.ts';
import { groupsText } from '../format/groups.ts';
import { resultsText } from '../format/results.ts';
import { moreLabelsText, trustText } from '../format/trust.ts';
import { projectPositional, projectRun, runIdOption } from '../run-options.ts';

/** Goes on without an answer where it is missing for a known reason. */
const ignoring =
  (code: ErrorCode) =>
  (thrown: unknown): null => {
    if (thrown instanceof AppError && thrown.code === code) return null;
    throw thrown;
  };

export const resultsCommand: Command = {
  name: 'results',
  summary: 'Show what came out of a run: with and without adaptation, with ranges',
  positionals: [projectPositional],
  options: {
    run: runIdOption,
    against: { kind: 'text', value: '<id>', help: 'compare with this run, on the same check images' },
  },
  example: 'acclimate results ./smears-project --json',
  async run(parsed, shell) {
    const results = await shell.call('results.get', projectRun(parsed));
    const { project } = projectRun(parsed);
    // Runs from before their check images were listed have scores alone.
    const trust = await shell
      .call('results.trust', { project, run: results.run, arm: results.deployed })
      .catch(ignoring('run.noScored'));
    const groups = await shell
      .call('results.groups', { project, run: results.run, arm: results.deployed })
      .catch(ignoring('run.noScored'));
    const against = parsed.values['against'] === undefined ? null : String(parsed.values['against']);
    const rows = against === null ? [] : (await shell.call('results.compare', { project, run: against })).runs;
    if (against !== null && !rows.some(({ id }) => id === against)) throw new AppError('run.unknown', { run: against });
    const row = rows.find(({ id }) => id === results.run);
    return {
      json: {
        ...results,
        reliability: trust?.bins ?? null,
        riskCoverage: trust?.risk ?? null,
        byGroup: groups,
        ...(row && { against: row }),
      },
      text: [
        resultsText(results),
        ...(trust ? trustText(trust) : []),
        ...moreLabelsText(results),
        ...(groups ? groupsText(groups) : []),
        ...(row && against ? [againstText(row, against)] : []),
      ].join('\n'),
    };
  },
};
