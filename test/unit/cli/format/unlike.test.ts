import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unlikeLines } from '../../../../src/cli/format/unlike.ts';

const usual = { share: 0.04, images: 60 };

test('what is unlike is said with the usual share; an alarm is raised for another folder alone', () => {
  const far = { images: 1000, unlike: { labels: 40, told: { images: 380, usual, isFar: true } } };
  const [alarm] = unlikeLines(far, true);
  assert.match(alarm!, /^38 % of these images look unlike your training images \(usual: 4 %\).*Check 30/);
  assert.match(unlikeLines(far, false)[0]!, /^380 look unlike anything you labelled \(38 %, usual: 4 %\)/);
  const few = { images: 1000, unlike: { labels: 40, told: { images: 30, usual, isFar: false } } };
  assert.doesNotMatch(unlikeLines(few, true)[0]!, /scanner/);
  assert.match(unlikeLines({ images: 9, unlike: { labels: 12, told: null } }, true)[0]!, /Too few.*\(12\)/);
  assert.deepEqual(unlikeLines({ images: 9, unlike: null }, true), []);
});
