import { useI18n } from 'vue-i18n';
import { percentOf } from '../../contract/run-files.ts';
import type { RunRow } from '../../contract/runs.ts';

/** A part of the line that says what a run was made to do: a key of the catalogue and what it names. */
interface Part {
  readonly key: string;
  readonly named: Readonly<Record<string, string | number>>;
  /** Chooses the plural. */
  readonly count?: number;
}

/** What a run was made to do; nothing of a run from before that was kept. */
export function whatOf({ kind, about }: Pick<RunRow, 'kind' | 'about'>): readonly Part[] {
  if (!about) return [];
  const { method, backbone, size, epochs, images, labels, shots, fraction, columns } = about;
  const part = (name: string, count: number): Part => ({ key: `adapt.runs.${name}`, named: { n: count }, count });
  const model: Part = { key: 'adapt.runs.model', named: { backbone, size } };
  if (kind === 'embed') return [part('features', images), model];
  const learned: readonly Part[] =
    kind === 'finetune'
      ? [{ key: 'adapt.runs.trainedAnew', named: {} }, model]
      : [{ key: 'adapt.runs.method', named: { method } }, model, part('passes', epochs)];
  if (kind === 'adapt') return learned;
  const taught: Part =
    fraction !== undefined
      ? { key: 'adapt.runs.fraction', named: { n: percentOf(fraction) } }
      : shots === null
        ? part('labels', labels)
        : part('shots', shots);
  const beside: Part[] = columns ? [{ key: 'adapt.runs.columns', named: { columns: columns.join(', ') } }] : [];
  return [...learned, taught, ...beside];
}

/** The same as a line in the language that is shown. */
export function useRunWords(): (run: Pick<RunRow, 'kind' | 'about'>) => string {
  const { t } = useI18n();
  return (run) =>
    whatOf(run)
      .map(({ key, named, count }) => (count === undefined ? t(key, { ...named }) : t(key, { ...named }, count)))
      .join(' · ');
}
