import assert from 'node:assert/strict';
import { test } from 'node:test';
import packageJson from '../../../package.json' with { type: 'json' };
import { shippedNode } from '../../../src/main/shipped-node.ts';

test('there is a Node among the locked packages for every platform of the window', () => {
  const platforms = [
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'x64'],
    ['darwin', 'arm64'],
    ['win32', 'x64'],
  ] as const;
  const found = platforms.map(
    ([platform, arch]) => /node_modules[/\\]([\w-]+)/.exec(shippedNode('/app', platform, arch))?.[1],
  );
  assert.deepEqual(found.toSorted(), Object.keys(packageJson.optionalDependencies).toSorted());
  assert.throws(() => shippedNode('/app', 'aix', 'ppc64'), /no Node for aix-ppc64/);
});
