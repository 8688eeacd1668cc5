import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Results, Verdict } from '../../../src/contract/results.ts';
import {
  caveats,
  headline,
  imagesWanted,
  measuredOn,
  preferred,
  rangeSentence,
  type Context,
} from '../../../src/findings/sentences.ts';
import { language } from '../renderer/language.ts';
import { example } from './example.ts';

const english = language('en');
const german = language('de');
const base = example();

/** The example with another verdict and other numbers. */
function told(
  verdict: Verdict,
  {
    ci = [-0.008, 0.019],
    balanced = ci,
    scores = [0.84, 0.84],
    protocol = {},
    groups = base.results.groups,
  }: {
    ci?: [number, number];
    balanced?: [number, number];
    scores?: [plain: number, adapted: number];
    protocol?: Partial<Results['protocol']>;
    groups?: number;
  } = {},
): Results {
  const { arms, difference } = base.results;
  const of = (arm: 'plain' | 'adapted', mean: number): Results['arms']['plain'] => ({
    ...arms[arm],
    accuracy: { ...arms[arm].accuracy, mean },
  });
  return {
    ...base.results,
    verdict,
    groups,
    protocol: { ...base.results.protocol, ...protocol },
    arms: { plain: of('plain', scores[0]), adapted: of('adapted', scores[1]) },
    difference: {
      ...difference,
      accuracy: { ...difference.accuracy, ci },
      balancedAccuracy: { ...difference.balancedAccuracy, ci: balanced },
    },
  };
}
const head = (results: Results, chosenByHand = false): string =>
  english.say(headline(results, chosenByHand, english.numbers));
const under = (results: Results): string => english.say(rangeSentence(results, english.numbers));

describe('the headline', () => {
  test('says what the verdict is, each in its own words', () => {
    assert.equal(
      head(told('worse', { ci: [-0.062, -0.004] })),
      'Adapting made it worse here (−6.2 to −0.4). Acclimate will use the model without it.',
    );
    assert.equal(
      head(told('probably', { ci: [-0.004, 0.03] })),
      'Adapting probably helped a little; the range still includes no gain.',
    );
    assert.equal(
      head(told('no-difference')),
      'Adapting made no clear difference. Acclimate will use the simpler model.',
    );
    assert.equal(
      head(told('too-few', { ci: [-0.1, 0.1], protocol: { checkImages: 12 } })),
      'Too few check images to tell. Label 36 more random images.',
    );
  });

  test('of images that were brought it does not speak of new ones', () => {
    const results = told('helped', { ci: [0.003, 0.133], scores: [0.84, 0.91] });
    assert.match(head(results), /^Adapting to your images helped\. Of 100 new images it names 91 correctly/);
    assert.match(
      head(results, true),
      /Of 100 images like the ones you brought it names 91 correctly, instead of 84\.$/,
    );
  });

  test('a gain that whole numbers would hide has a decimal', () => {
    assert.match(head(told('helped', { ci: [0.001, 0.007], scores: [0.901, 0.904] })), /names 90\.4 .* of 90\.1\.$/);
    assert.match(head(told('helped', { ci: [0.001, 0.007], scores: [0.904, 0.906] })), /names 91 .* of 90\.$/);
  });

  test('is said in German with German numbers', () => {
    const results = told('worse', { ci: [-0.062, -0.004] });
    assert.equal(
      german.say(headline(results, false, german.numbers)),
      'Das Anpassen hat es hier verschlechtert (−6,2 bis −0,4). Acclimate nimmt das Modell ohne Anpassung.',
    );
  });
});

describe('how many more check images are wanted', () => {
  const wanted = (checkImages: number, half: number): number =>
    imagesWanted(told('too-few', { ci: [-half, half], protocol: { checkImages } }));

  test('so many that the range gets 5 either way: half as wide is four times as many', () => {
    assert.equal(wanted(100, 0.1), 300);
    assert.equal(wanted(40, 0.06), 18);
  });
  test('and at least 30 in all', () => {
    assert.equal(wanted(12, 0.01), 18);
    assert.equal(wanted(29, 0.05), 1);
  });
  test('never none', () => {
    assert.equal(wanted(200, 0.04), 1);
    const one = told('too-few', { ci: [-0.05, 0.05], protocol: { checkImages: 29 } });
    assert.equal(head(one), 'Too few check images to tell. Label 1 more random image.');
  });
});

describe('the range under it', () => {
  test('is a gain only where all of it is above 0', () => {
    assert.equal(under(told('helped', { ci: [0.003, 0.133] })), 'The gain is between 0.3 and 13.3 (95 % range).');
    assert.equal(
      under(told('probably', { ci: [0, 0.05] })),
      'The difference is between 0.0 and +5.0 in 100 (95 % range).',
    );
    assert.equal(
      under(told('worse', { ci: [-0.062, -0.004] })),
      'The difference is between −6.2 and −0.4 in 100 (95 % range).',
    );
  });
  test('no clear difference is a real answer', () => {
    assert.equal(
      under(told('no-difference')),
      'Adapting made no clear difference here (−0.8 to +1.9). That is a real answer. Acclimate will use the simpler model.',
    );
  });
  test('where the two ways of counting disagree, it is no such answer and the page says why', () => {
    const results = told('no-difference', { ci: [0.004, 0.03], balanced: [-0.05, -0.01] });
    assert.equal(under(results), 'The difference is between +0.4 and +3.0 in 100 (95 % range).');
    const notes = caveats(results, undefined, english.numbers).map(english.say);
    assert.deepEqual(notes, [
      'Images as they come (+0.4 to +3.0) and each class counted equally (−5.0 to −1.0) point in opposite directions, so Acclimate does not call it a gain.',
    ]);
    for (const verdict of ['helped', 'no-difference'] as const) {
      assert.deepEqual(
        caveats(told(verdict, { ci: [0.004, 0.03], balanced: [-0.01, 0.04] }), undefined, english.numbers),
        [],
      );
    }
  });
});

describe('where the score comes from', () => {
  const measured = (results: Results): string[] => measuredOn(results, english.numbers).map(english.say);

  test('patients kept apart', () => {
    assert.deepEqual(measured(told('helped', { protocol: { checkImages: 1, checkGroups: 1, seeds: 1 } })), [
      '1 check image',
      'from 1 patient not seen in training',
      '1 seed',
    ]);
  });
  test('images kept apart, without groups', () => {
    const results = told('helped', { groups: 0, protocol: { checkGroups: 0 } });
    assert.equal(measured(results)[1], 'not seen in training');
  });
  test('repeated splits of all labels', () => {
    assert.equal(
      measured(told('too-few', { protocol: { check: 'repeated', draws: 10 } }))[1],
      'held out in turn, 10 times',
    );
  });
});

describe('what is said beside the score', () => {
  const notes = (protocol: Partial<Results['protocol']>, context?: Partial<Context>): string[] =>
    caveats(
      told('helped', { ci: [0.01, 0.1], protocol }),
      context
        ? { ...base.context, fixedAfter: 0, checkUnsure: 0, checkSkipped: 0, checkNone: 0, ...context }
        : undefined,
      english.numbers,
    ).map(english.say);

  test('nothing where there is nothing to say', () => {
    assert.deepEqual(notes({ checkGroups: 10 }, {}), []);
  });
  test('few groups, no groups, and images one chose oneself', () => {
    assert.deepEqual(notes({ checkGroups: 9 }), ['Only 9 groups were checked, so the ranges are rough.']);
    assert.deepEqual(notes({ checkGroups: 1 }), ['Only 1 group was checked, so the ranges are rough.']);
    assert.deepEqual(notes({ checkGroups: 0 }), ['There were no groups, so the score was not group-checked.']);
    assert.deepEqual(notes({ check: 'repeated', checkGroups: 0 }), [
      'Measured on images you chose; expect a little less on new ones.',
    ]);
  });
  test('one seed', () => {
    assert.equal(notes({ seeds: 1 }).length, 1);
    assert.match(notes({ seeds: 1 })[0]!, /^Adapted once/);
  });
  test('weights, in both languages', () => {
    assert.deepEqual(notes({ checkGroups: 10, weighted: true }), [
      'Some check images were more likely to be drawn than others, so in the scores each counts for as many as it stands for.',
    ]);
    const results = told('helped', { ci: [0.01, 0.1], protocol: { checkGroups: 10, weighted: true } });
    assert.match(german.say(caveats(results, undefined, german.numbers)[0]!), /^Manche Prüfbilder wurden mit größerer/);
  });
  test('labels changed after the results were seen, loudest', () => {
    const [first] = caveats(told('helped', { ci: [0.01, 0.1] }), { ...base.context, fixedAfter: 1 }, english.numbers);
    assert.deepEqual([english.say(first!), first!.tone], ['1 label was changed after seeing results.', 'warn']);
  });
  test('images that were left out, of all that were looked at', () => {
    assert.deepEqual(notes({}, { checkNamed: 8, checkUnsure: 0, checkSkipped: 1, checkNone: 0 }), [
      'Of 9 check images 8 were named, 0 unsure, 1 skipped, 0 none of these. Hard images were left out; expect less.',
    ]);
  });
});

test('each class counts equally where one is commoner than 60 in 100', () => {
  const of = (share: number): string => preferred({ ...base.context, commonest: { class: 'A', share } });
  assert.equal(of(0.6), 'accuracy');
  assert.equal(of(0.601), 'balancedAccuracy');
  assert.equal(preferred(undefined), 'accuracy');
});
