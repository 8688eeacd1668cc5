import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { messages } from '../../../src/contract/messages.ts';
import { commands } from '../../../src/renderer/commands/table.ts';

const locales = fileURLToPath(new URL('../../../src/locales/', import.meta.url));
const renderer = fileURLToPath(new URL('../../../src/renderer/', import.meta.url));

/** Every sentence of a language by its key. */
function catalogue(language: string): Map<string, string> {
  const sentences = new Map<string, string>();
  const walk = (key: string, value: unknown): void => {
    if (typeof value === 'string') sentences.set(key, value);
    else for (const [name, inner] of Object.entries(value as object)) walk(`${key}.${name}`, inner);
  };
  const folder = join(locales, language);
  for (const file of readdirSync(folder)) {
    walk(file.replace(/\.json$/, ''), JSON.parse(readFileSync(join(folder, file), 'utf8')));
  }
  return sentences;
}

const placeholders = (sentence: string): string[] =>
  [...new Set([...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))].sort();
const forms = (sentence: string): number => sentence.split(' | ').length;

const english = catalogue('en');
const german = catalogue('de');
const sources = globSync('**/*.{ts,vue}', { cwd: renderer }).map((file) => ({
  file,
  text: readFileSync(join(renderer, file), 'utf8'),
}));

describe('the catalogues', () => {
  test('German says everything English says, and nothing else', () => {
    assert.deepEqual(
      [...english.keys()].filter((key) => !german.has(key)),
      [],
      'not in German',
    );
    assert.deepEqual(
      [...german.keys()].filter((key) => !english.has(key)),
      [],
      'not in English',
    );
  });

  test('both fill in the same things, in as many plurals', () => {
    for (const [key, sentence] of english) {
      const other = german.get(key) ?? '';
      assert.deepEqual(placeholders(other), placeholders(sentence), key);
      assert.equal(forms(other), forms(sentence), `plurals of ${key}`);
    }
  });

  test('every key the page names is in the catalogue', () => {
    const missing = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/\bt\(\s*'([\w-]+(?:\.[\w-]+)+)'/g)]
        .map(([, key]) => key!)
        .filter((key) => !english.has(key))
        .map((key) => `${file}: ${key}`),
    );
    assert.deepEqual(missing, []);
  });

  test('every command has its words', () => {
    const named = commands.filter(({ id }) => !id.startsWith('label.class.'));
    assert.deepEqual(
      named.map(({ id }) => `commands.${id}`).filter((key) => !english.has(key)),
      [],
    );
  });

  test('every message of the design has its sentence, and each of its buttons a word', () => {
    const rooms = [...english.keys()];
    for (const [code, { actions }] of Object.entries(messages)) {
      assert.ok(english.has(`messages.${code}`), code);
      for (const id of actions) assert.ok(rooms.includes(`messages.actions.${id}`), id);
    }
  });

  test('no sentence shouts, apologises or cheers', () => {
    const loud = [...english].filter(([, sentence]) => /!|\boops\b|\bsorry\b|\bplease\b/i.test(sentence));
    assert.deepEqual(loud, []);
  });
});
