import type { RunSpec } from '../../../contract/run-files.ts';
import { html, name, type Part } from '../html.ts';
import type { Words } from '../../words.ts';
import { factTable, section, type Section } from './section.ts';

/** What the run was made to do, whole. */
export const settingsSection: Section = ({ spec, results, run }, words) => {
  const { t } = words;
  const arms = ['adapted', 'plain'] as const;
  const regimes = arms.map(
    (arm) =>
      [t('report.settings.regimes', { arm: t(`results.arm.${arm}`) }), results.arms[arm].regimes.join(', ')] as const,
  );
  const { notes } = run.startedWith;
  return section(
    t('report.heading.settings'),
    spec ? factTable([...specRows(spec, words), ...regimes]) : html`<p>${t('report.settings.missing')}</p>`,
    notes.length === 0
      ? null
      : html`<h3>${t('report.settings.notes')}</h3>
          <ul lang="en">
            ${notes.map((note) => html`<li>${note}</li>`)}
          </ul>`,
  );
};

function specRows(spec: RunSpec, { t, has, n }: Words): (readonly [Part, Part])[] {
  const title = (field: string): string => {
    const key = `adapt.expert.field.${field}`;
    return has(key) ? t(key) : field;
  };
  // With all its digits: this is what somebody would type to do it again.
  const value = (of: string | number | boolean): Part =>
    typeof of === 'boolean' ? t(of ? 'report.settings.yes' : 'report.settings.no') : name(String(of));
  const { method, adapt, auxiliary } = spec;
  const fields: Readonly<Record<string, string | number | boolean | undefined>> = {
    method: method.name,
    backbone: spec.backbone.name,
    views: spec.views,
    size: spec.size,
    epochs: adapt.epochs,
    batch: adapt.batch,
    seeds: adapt.seeds,
    maxImages: adapt.maxImages,
    ...method.settings,
    regime: spec.regimes.join(', '),
    draws: spec.protocol.draws,
    tuneStatistics: spec.tuneStatistics ?? 'frozen',
    layerDecay: spec.layerDecay,
    testTimeAugmentation: spec.testTimeAugmentation,
    auxiliary: auxiliary?.method,
    auxiliaryWeight: auxiliary?.weight,
    engine: spec.engine,
  };
  return [
    ...Object.entries(fields).flatMap(([field, of]) => (of === undefined ? [] : [[title(field), value(of)] as const])),
    [t('report.settings.weights'), html`<code>${spec.backbone.weightsSha256}</code>`],
    [t('report.settings.seed'), n(spec.seed, 'integer')],
  ];
}
