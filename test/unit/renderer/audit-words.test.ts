import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditProblems } from '../../../src/contract/audit.ts';
import { problemWords } from '../../../src/renderer/features/settings/audit-words.ts';
import { language } from './language.ts';

const german = language('de');

test('what is wrong with the trail is said in the language of the page, its moment as the page writes it', () => {
  const named = { entry: 7, time: '2026-11-26T10:20:30.400Z' };
  const said = problemWords({ code: 'entryChanged', named }, (iso) => `<${iso.slice(0, 10)}>`);
  assert.equal(german.say(said), 'Eintrag 7 vom <2026-11-26> wurde geändert.');
});

test('a moment that somebody damaged is shown as it stands', () => {
  const named = { entry: 7, time: 'yesterday' };
  const broken = (): string => assert.fail('no date can be made of it');
  assert.equal(
    german.say(problemWords({ code: 'entryChanged', named }, broken)),
    'Eintrag 7 vom yesterday wurde geändert.',
  );
});

test('every problem has a sentence of its own in both languages', () => {
  for (const { say } of [language('en'), german]) {
    const sentences = auditProblems.map((code) => say({ key: `settings.audit.problem.${code}`, named: {} }));
    assert.equal(new Set(sentences).size, auditProblems.length);
    for (const sentence of sentences) assert.match(sentence, /^\p{Lu}.*\.$/u);
  }
});
