import { html, name } from '../html.ts';
import { factTable, section, type Section } from './section.ts';

/** What no number above counts. */
export const leftOutSection: Section = (facts, { t, numbers: { integer } }) => {
  const { library, context, trainingMarks, run, spec } = facts;
  const three = (unsure: number, skipped: number, none: number): string =>
    t('report.leftOut.three', { unsure: integer(unsure), skipped: integer(skipped), none: integer(none) });
  const classes = run.startedWith.options.leaveOut ?? [];
  return section(
    t('report.heading.leftOut'),
    html`<p class="quiet">${t('report.leftOut.counted')}</p>`,
    factTable([
      [t('report.leftOut.unreadable'), integer(library.unreadable)],
      [t('report.leftOut.gone'), integer(library.gone)],
      [t('report.leftOut.changed'), integer(library.changed)],
      [t('report.leftOut.lookAlike'), integer(facts.lookAlike)],
      [t('report.leftOut.undecided'), integer(facts.undecided)],
      [t('report.leftOut.training'), three(trainingMarks.unsure, trainingMarks.skip, trainingMarks.none)],
      [t('report.leftOut.check'), three(context.checkUnsure, context.checkSkipped, context.checkNone)],
      [
        t('report.leftOut.classes'),
        classes.length === 0
          ? t('report.leftOut.noClasses')
          : classes.map((each, at) => html`${at > 0 ? ', ' : ''}${name(each)}`),
      ],
      ...(spec ? [[t('report.leftOut.cap'), integer(spec.adapt.maxImages)] as const] : []),
    ]),
  );
};
