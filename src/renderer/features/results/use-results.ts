import { shallowRef, watch, type Ref } from 'vue';
import type { Results } from '../../../contract/results.ts';
import type { ArmName } from '../../../contract/run-files.ts';
import { call, onEvent } from '../../state/core.ts';
import { useNotices } from '../../state/notices.ts';
import { useProject } from '../../state/project.ts';
import { useSettings } from '../../state/settings.ts';
import type { Counts, Weights } from '../../../findings/classes.ts';
import type { Context } from '../../../findings/sentences.ts';

/** Results of a run with what is said beside them, and the whole images behind the numbers of both models. */
export function useResults(run: () => string | undefined): {
  readonly results: Readonly<Ref<Results | undefined>>;
  readonly context: Readonly<Ref<Context | undefined>>;
  readonly counts: Readonly<Ref<Readonly<Record<ArmName, Counts>> | undefined>>;
  /** Of the same images; null where none is weighted. */
  readonly weights: Readonly<Ref<Readonly<Record<ArmName, Weights | null>>>>;
  choose(arm: ArmName): Promise<void>;
} {
  const project = useProject();
  const settings = useSettings();
  const notices = useNotices();
  const results = shallowRef<Results>();
  const context = shallowRef<Context>();
  const counts = shallowRef<Readonly<Record<ArmName, Counts>>>();
  const weights = shallowRef<Readonly<Record<ArmName, Weights | null>>>({ plain: null, adapted: null });

  async function load(id: string | undefined, of: string | undefined): Promise<void> {
    results.value = undefined;
    context.value = undefined;
    counts.value = undefined;
    if (id === undefined || of === undefined) return;
    const at = { project: id, run: of };
    const loaded = await notices.tell(() => call('results.get', at));
    if (!loaded || of !== run()) return;
    results.value = loaded;
    await loadContext();
    const confusion = (arm: ArmName): Promise<{ counts: number[][]; weights: Weights | null }> =>
      call('results.confusion', { ...at, arm });
    const both = await notices.tell(() => Promise.all([confusion('plain'), confusion('adapted')]));
    if (both && of === run()) {
      weights.value = { plain: both[0].weights, adapted: both[1].weights };
      counts.value = { plain: both[0].counts, adapted: both[1].counts };
    }
    // Who has seen the results may fix labels because of them: the trail tells which came after.
    if (!project.status?.blind) await call('results.seen', { ...at, rater: settings.rater }).catch(() => undefined);
  }
  async function loadContext(): Promise<void> {
    const [id, of] = [project.id, run()];
    if (id === undefined || of === undefined) return;
    const loaded = await call('results.context', { project: id, run: of }).catch(() => undefined);
    if (loaded && of === run()) context.value = loaded;
  }
  watch(
    () => [project.id, run()] as const,
    ([id, of]) => void load(id, of),
    { immediate: true },
  );
  onEvent('labels.changed', (event) => {
    if (event.project === project.id) void loadContext();
  });

  async function choose(arm: ArmName): Promise<void> {
    const [id, of] = [project.id, run()];
    if (id === undefined || of === undefined) return;
    await notices.tell(() => call('results.choose', { project: id, run: of, rater: settings.rater, arm }));
    await loadContext();
  }

  return { results, context, counts, weights, choose };
}
