import { recommendedOf } from '../../../findings/summary.ts';
import { html } from '../html.ts';
import { section, type Section } from './section.ts';

/** What was done once the numbers were known: it can make the next ones look better than they are. */
export const afterSection: Section = ({ results, context, seenAt, choice }, { t, d, numbers: { integer } }) => {
  const { fixedAfter: fixed, chosen } = context;
  const arm = t(`results.arm.${chosen}`);
  return section(
    t('report.heading.after'),
    html`<ul>
      <li>${seenAt === null ? t('report.after.unseen') : t('report.after.seen', { date: d(seenAt) })}</li>
      <li>
        ${fixed > 0 ? `${t('results.note.fixedAfter', { n: integer(fixed) }, fixed)} ${t('results.firstFix')}` : t('report.after.noFixes')}
      </li>
      <li>
        ${
          chosen === recommendedOf(results)
            ? t('report.after.recommended', { arm })
            : t('report.after.against', { arm, rater: choice?.rater ?? '–', date: choice ? d(choice.time) : '–' })
        }
      </li>
    </ul>`,
  );
};
