import { fewestOfClass, type ArmResult, type Results } from '../../contract/results.ts';

/** Below this many groups the ranges are rough. */
const fewGroups = 10;

/** Fewer images than this on one side, named correctly or wrongly, leave the ranges rough. */
const fewestOfEither = 5;

/** What a reader must know about how the scores came about, in sentences. */
export function notesOf(protocol: Results['protocol'], { perClass, accuracy }: ArmResult): string[] {
  const { check, seeds, checkGroups, weighted } = protocol;
  const notes: string[] = [];
  if (check === 'repeated') {
    notes.push('Measured on images you chose; expect a little less on new ones.');
  } else if (checkGroups === 0) {
    notes.push('Not checked by group: images of one patient, slide or plate may be on both sides.');
  } else if (checkGroups < fewGroups) {
    notes.push(`Only ${checkGroups} groups were checked, so the ranges are rough.`);
  }
  const rarer = Math.min(accuracy.mean, 1 - accuracy.mean) * protocol.checkImages;
  if (rarer < fewestOfEither) {
    const which = accuracy.mean < 0.5 ? 'correctly' : 'wrongly';
    notes.push(`Fewer than ${fewestOfEither} check images were named ${which}, so the ranges are rough.`);
  }
  if (weighted) {
    notes.push(
      'Some check images were more likely to be drawn than others, so in the scores each counts for as many as it stands for.',
    );
  }
  if (seeds === 1) notes.push('Adapted once: how much a second time would differ is not in the ranges.');
  const rare = perClass.filter((score) => score.checkImages < fewestOfClass);
  for (const score of rare) {
    notes.push(
      `${score.class} is not measured: ${score.checkImages} check image${score.checkImages === 1 ? '' : 's'}.`,
    );
  }
  return notes;
}
