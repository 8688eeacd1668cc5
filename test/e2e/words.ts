import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const catalogues = new Map<string, unknown>();

function catalogue(name: string): unknown {
  if (!catalogues.has(name)) {
    const path = fileURLToPath(new URL(`../../src/locales/en/${name}.json`, import.meta.url));
    catalogues.set(name, JSON.parse(readFileSync(path, 'utf8')));
  }
  return catalogues.get(name);
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The words of the English catalogue under a key, with what is not given left as `{name}`. */
export function words(key: string, named: Readonly<Record<string, string | number>> = {}): string {
  const [name, ...path] = key.split('.');
  const found = path.reduce<unknown>(
    (at, part) => (at as Record<string, unknown> | undefined)?.[part],
    catalogue(name!),
  );
  assert.equal(typeof found, 'string', `the catalogue has no ${key}`);
  return (found as string).replaceAll(/\{(\w+)\}/g, (whole, param: string) => String(named[param] ?? whole));
}

/** The same as a pattern: what is not given may be anything. Of plurals any form. */
export function pattern(key: string, named: Readonly<Record<string, string | number>> = {}): RegExp {
  const forms = words(key, named).split(' | ');
  return new RegExp(`^(?:${forms.map((form) => escaped(form).replaceAll(/\\\{\w+\\\}/g, '.+?')).join('|')})$`);
}

/** The form of plurals that goes with a number. */
export function plural(key: string, n: number, named: Readonly<Record<string, string | number>> = {}): string {
  const [one, many = one] = words(key, { n, ...named }).split(' | ');
  return (n === 1 ? one : many)!;
}
