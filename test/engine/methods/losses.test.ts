import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkLosses } from '../support/oracles/losses.ts';

const path = new URL('../../fixtures/oracles/losses.json', import.meta.url);

test('every loss has the value and the gradients of its reference', async () => {
  const findings = await checkLosses(JSON.parse(readFileSync(path, 'utf8')));
  // Nine losses, norm and first entries of the gradient of each of their 19 inputs, and DINO's centre.
  assert.equal(findings.length, 9 + 2 * 19 + 1);
  for (const { what, error, tolerance } of findings)
    assert.ok(error !== null && error <= tolerance, `${what}: ${error}`);
});
