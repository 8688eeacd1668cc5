import type { ProjectStatus } from '../../contract/project.ts';
import type { LabelFacts } from './label-counts.ts';
import type { LibraryFacts } from './library-counts.ts';
import { leastLabels } from './state.ts';

type Advice = ProjectStatus['advice'];

/** From this many labels per class, learning is usually clearly better. */
const goodLabels = 10;
const goodCheckImages = 100;
const imbalance = 30;

interface ClassRow {
  readonly id: number;
  readonly name: string;
}

/** What a careful colleague would say before a run, most pressing first; nothing of it blocks. */
export function adviceOf(
  classes: readonly ClassRow[],
  labels: LabelFacts,
  library: LibraryFacts,
  groupName: (group: number) => string,
): Advice {
  if (classes.length === 0) return [];
  const counted = classes.map(({ id, name }) => {
    const { training = 0, check = 0 } = labels.byClass.get(id) ?? {};
    return { id, name, training, all: training + check };
  });
  const few = counted.filter(({ training }) => training < leastLabels);
  const advice: Advice = few.map(({ id, name, training }) => ({
    code: 'labels.few',
    params: { class: name, classId: id, labels: training, needed: leastLabels },
  }));
  for (const { id, name } of counted) {
    const group = library.groups > 1 ? labels.onlyGroup(id) : null;
    if (group === null) continue;
    advice.push({ code: 'groups.one', params: { class: name, classId: id, group: groupName(group) } });
  }
  const sorted = counted.toSorted((a, b) => a.all - b.all);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least && most && least.all > 0 && most.all >= imbalance * least.all) {
    const params = { most: most.name, least: least.name, times: Math.floor(most.all / least.all) };
    advice.push({ code: 'classes.imbalance', params });
  }
  if (few.length === 0 && counted.some(({ training }) => training < goodLabels)) {
    advice.push({ code: 'labels.ten', params: { needed: goodLabels } });
  }
  if (labels.checkLabels < goodCheckImages && library.checkImages > 0) {
    advice.push({ code: 'check.few', params: { images: labels.checkLabels } });
  }
  return advice;
}
