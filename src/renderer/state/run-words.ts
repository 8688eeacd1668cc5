import { percentOf } from '../../contract/run-files.ts';
import type { RunRow } from '../../contract/runs.ts';
import type { Sentence } from '../../findings/sentences.ts';
import { useSay } from '../i18n/say.ts';

/** What a run was made to do; nothing of a run from before that was kept. */
export function whatOf({ kind, about }: Pick<RunRow, 'kind' | 'about'>): readonly Sentence[] {
  if (!about) return [];
  const { method, backbone, size, epochs, images, labels, shots, fraction, columns } = about;
  const part = (name: string, count: number): Sentence => ({ key: `adapt.runs.${name}`, named: { n: count }, count });
  const model: Sentence = { key: 'adapt.runs.model', named: { backbone, size } };
  if (kind === 'embed') return [part('features', images), model];
  const learned: readonly Sentence[] =
    kind === 'finetune'
      ? [{ key: 'adapt.runs.trainedAnew', named: {} }, model]
      : [{ key: 'adapt.runs.method', named: { method } }, model, part('passes', epochs)];
  if (kind === 'adapt') return learned;
  const taught: Sentence =
    fraction !== undefined
      ? { key: 'adapt.runs.fraction', named: { n: percentOf(fraction) } }
      : shots === null
        ? part('labels', labels)
        : part('shots', shots);
  const beside: Sentence[] = columns ? [{ key: 'adapt.runs.columns', named: { columns: columns.join(', ') } }] : [];
  return [...learned, taught, ...beside];
}

/** The same as a line in the language that is shown. */
export function useRunWords(): (run: Pick<RunRow, 'kind' | 'about'>) => string {
  const say = useSay();
  return (run) => whatOf(run).map(say).join(' · ');
}
