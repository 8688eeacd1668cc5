import { percentOf } from '../../../contract/run-files.ts';
import { html, name } from '../html.ts';
import type { Facts } from '../facts.ts';
import type { Words } from '../../words.ts';
import { factTable, section, type Section } from './section.ts';

/** Which images were on which side, and how often it was repeated. */
export const measuredSection: Section = (facts, words) => {
  const { results, context, library, groups } = facts;
  const { t, numbers } = words;
  const { integer, hundred } = numbers;
  const training = results.arms.plain.perClass.reduce((sum, { trainingLabels }) => sum + trainingLabels, 0);
  const groupText = {
    all: integer(groups.training + groups.check),
    check: integer(groups.check),
    training: integer(groups.training),
  };
  return section(
    t('report.heading.measured'),
    facts.splitChanged ? html`<p>${t('report.measured.splitChanged')}</p>` : null,
    factTable([
      [t('report.measured.images'), integer(library.images)],
      ...(library.unlabelledOnly > 0
        ? [[t('report.measured.adaptOnly'), integer(library.unlabelledOnly)] as const]
        : []),
      [t('report.measured.learned'), integer(results.protocol.adaptationImages)],
      [t('report.measured.training'), integer(training)],
      [t('report.measured.reserved'), integer(library.checkImages)],
      [t('report.measured.checked'), integer(results.protocol.checkImages)],
      [
        t('report.measured.groups'),
        groups.training + groups.check > 0 ? t('report.measured.groupsText', groupText) : t('report.measured.noGroups'),
      ],
      [t('report.measured.protocol'), protocol(facts, words)],
      [t('report.measured.seeds'), integer(results.protocol.seeds)],
      [
        t('report.measured.commonest'),
        html`${name(context.commonest.class)},
        ${t('report.measured.commonestText', { share: hundred(context.commonest.share) })}`,
      ],
      [
        t('report.measured.chosenByHand'),
        t(context.chosenByHand ? 'report.measured.chosenByHandText' : 'report.measured.drawnText'),
      ],
    ]),
    html`<p class="quiet">${t('report.measured.ranges')}</p>`,
  );
};

function protocol({ results: { protocol: told } }: Facts, { t, numbers }: Words): string {
  const draws = numbers.integer(told.draws);
  if (told.check === 'repeated') return t('report.measured.repeated', { draws });
  if (told.fraction !== undefined) return t('report.measured.fraction', { percent: percentOf(told.fraction), draws });
  if (told.shots === null) return t('report.measured.subsample', { draws });
  return t('report.measured.shots', { shots: numbers.integer(told.shots), draws }, told.shots);
}
