import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { root } from './checkout.ts';

const product = [...Object.keys(packageJson.dependencies), ...Object.keys(packageJson.optionalDependencies)];
const tools = ['vite', 'typescript', 'eslint', 'electron-vite', 'playwright-core'];

test('the bill of materials names what the product is made of, and no tool it is built with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-bill-'));
  try {
    const file = join(folder, 'sbom.json');
    const made = spawnSync(process.execPath, [join(root, 'scripts', 'sbom.mjs'), file], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    const bill = z
      .object({
        bomFormat: z.literal('CycloneDX'),
        metadata: z.object({ component: z.object({ name: z.literal('acclimate') }) }),
        components: z.array(z.looseObject({ 'bom-ref': z.string(), name: z.string(), type: z.string() })),
        dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
      })
      .parse(JSON.parse(readFileSync(file, 'utf8')));
    const references = new Set(bill.components.map((component) => component['bom-ref']));
    const names = new Set([...references].map((reference) => reference.replace(/@[^@]*$/, '')));
    for (const name of product) assert(names.has(name), `${name} is missing`);
    for (const name of tools) assert(!names.has(name), `${name} is a tool`);
    assert(
      bill.components.some(({ type }) => type === 'machine-learning-model'),
      'the weights',
    );
    for (const { dependsOn } of bill.dependencies) {
      for (const reference of dependsOn) assert(references.has(reference), `${reference} is named and not described`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every package that runs with the product has its licence in the notices', async () => {
  const { notices } = (await import(pathToFileURL(join(root, 'scripts', 'notices.mjs')).href)) as {
    notices(): { name: string; version: string; licence: string; text: string }[];
  };
  const all = new Map(notices().map((notice) => [notice.name, notice]));
  for (const name of Object.keys(packageJson.dependencies)) {
    assert.match(all.get(name)?.licence ?? '', /^(?:MIT|Apache-2\.0|ISC|OFL-1\.1|BSD-3-Clause)$/, name);
  }
  for (const name of tools) assert(!all.has(name), `${name} is a tool`);
  assert.match(all.get('vue')?.text ?? '', /MIT License/);
  assert.match(all.get('Acclimate')?.text ?? '', /For research use/);
});
