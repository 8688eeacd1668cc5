import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classRows, weakest } from '../../../src/findings/classes.ts';
import { caveats, headline, measuredOn, rangeSentence } from '../../../src/findings/sentences.ts';
import { language } from '../renderer/language.ts';
import { example } from './example.ts';

const { numbers, say } = language('en');
const { results, counts, context } = example();
const { arms, difference } = results;

test('what the example says of the gain follows from its check images', () => {
  assert.equal(
    say(headline(results, context.chosenByHand, numbers)),
    'Adapting to your images helped. Of 100 new images it names 91 correctly, instead of 84.',
  );
  assert.equal(say(rangeSentence(results, numbers)), 'The gain is between 0.3 and 13.3 (95 % range).');
  const range = ({ mean, ci }: { mean: number; ci: [number, number] }): string =>
    `${numbers.hundred(mean)} (${ci.map((end) => numbers.hundred(end)).join('–')})`;
  assert.deepEqual([range(arms.adapted.accuracy), range(arms.plain.accuracy)], ['91 (84–95)', '84 (76–89)']);
  assert.equal(numbers.signed(difference.accuracy.mean), '+6.8');
  assert.deepEqual(
    [difference.accuracy.perDraw.filter((each) => each > 0).length, difference.accuracy.perDraw.length],
    [5, 5],
  );
  assert.equal(numbers.hundred(context.commonest.share), '41');
});

test('what the example says beside it follows from them too', () => {
  assert.deepEqual(measuredOn(results, numbers).map(say), [
    '118 check images',
    'from 12 patients not seen in training',
    '3 seeds',
  ]);
  const rows = classRows(counts.adapted, arms.adapted.perClass);
  const { name, found } = weakest(rows)!;
  assert.deepEqual([name, found.hits, found.of], ['Monocyte', 7, 12]);
  const rare = rows.filter(({ unmeasured }) => unmeasured);
  assert.deepEqual(
    rare.map(({ name: of, checkImages }) => [of, checkImages]),
    [['Basophil', 1]],
  );
  assert.deepEqual(caveats(results, context, numbers).map(say), [
    '7 labels were changed after seeing results.',
    'Of 132 check images 118 were named, 9 unsure, 3 skipped, 2 none of these. Hard images were left out; expect less.',
  ]);
});

test('the cells of Confusions that the example names hold these images', () => {
  const at = (truth: string, called: string): number | undefined =>
    counts.plain[results.classes.indexOf(truth)]?.[results.classes.indexOf(called)];
  assert.equal(at('Lymphocyte', 'Monocyte'), 7);
});
