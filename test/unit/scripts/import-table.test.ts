import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCheckout, root } from './checkout.ts';

/** Files that break the table, and the rule each must break. */
const violations: Record<string, { text: string; rule: string }> = {
  'src/contract/a.ts': { text: "import '../core/fine.ts';", rule: 'contract-rooms' },
  'src/contract/b.ts': { text: "import 'sharp';", rule: 'contract-packages' },
  'src/contract/c.ts': { text: "import 'node:fs';", rule: 'contract-node' },
  'src/contract/d.ts': {
    text: "import type { A } from '../engine/fine.ts';\nexport type B = A;",
    rule: 'contract-rooms',
  },
  'src/guard/a.ts': { text: "import '../contract/fine.ts';", rule: 'guard-rooms' },
  'src/files/a.ts': { text: "import '../core/fine.ts';", rule: 'files-rooms' },
  'src/images/decoder-child.ts': { text: "import '../contract/fine.ts';", rule: 'guarded-processes' },
  'src/images/a.ts': { text: "import '../core/fine.ts';", rule: 'images-rooms' },
  'src/engine/jobs/a.ts': { text: "import 'better-sqlite3';", rule: 'engine-packages' },
  'src/engine/jobs/b.ts': { text: "import 'onnxruntime-node';", rule: 'one-way-into-onnxruntime' },
  'src/engine/jobs/c.ts': { text: "import '../evaluate/fine.ts';", rule: 'check-labels-stay-in-evaluate' },
  'src/engine/jobs/d.ts': {
    text: "import * as tf from '@tensorflow/tfjs';\nexport default tf;",
    rule: 'one-way-into-tfjs',
  },
  'src/engine/jobs/e.ts': { text: "import '../../core/fine.ts';", rule: 'engine-rooms' },
  'src/engine/methods/a.ts': { text: "import '../jobs/fine.ts';", rule: 'programs-are-plain' },
  'src/engine/methods/b.ts': { text: "import '../compile/fine.ts';", rule: 'programs-do-not-compile' },
  'src/core/a.ts': { text: "import '../engine/fine.ts';", rule: 'core-rooms' },
  'src/core/b.ts': { text: "import 'onnxruntime-node';", rule: 'core-packages' },
  'src/core/c.ts': { text: "import '../../test/fine.ts';", rule: 'core-rooms' },
  'src/core/d.ts': { text: "import './nowhere.ts';", rule: 'resolvable' },
  'src/core/labels/a.ts': { text: "import '../splits/check-labels.ts';", rule: 'check-labels-are-read-by-runs' },
  'src/core/splits/a.ts': {
    text: "import type { Evaluation } from './check-labels.ts';\nexport type E = Evaluation;",
    rule: 'check-labels-are-read-by-runs',
  },
  'src/cli/a.ts': { text: "import '../core/fine.ts';", rule: 'cli-rooms' },
  'src/server/a.ts': { text: "import '../engine/fine.ts';", rule: 'server-rooms' },
  'src/server/b.ts': { text: "import '../core/fine.ts';", rule: 'server-rooms' },
  'src/main/b.ts': { text: "import '../server/fine.ts';", rule: 'main-rooms' },
  'src/processes/a.ts': { text: "import '../server/fine.ts';", rule: 'processes-rooms' },
  'src/main/a.ts': { text: "import '../core/fine.ts';", rule: 'main-rooms' },
  'src/preload/a.ts': { text: "import '../contract/fine.ts';", rule: 'contract-in-preload-is-types' },
  'src/renderer/a.ts': { text: "import 'node:path';", rule: 'renderer-node' },
  'src/renderer/features/one/a.ts': { text: "import '../two/fine.ts';", rule: 'feature-siblings' },
  'src/rpc/a.ts': { text: "import './b.ts';", rule: 'no-circle' },
  'src/somewhere/a.ts': { text: "import '../contract/fine.ts';", rule: 'known-room' },
};
const fine = [
  'src/guard/no-network.ts',
  'src/core/splits/check-labels.ts',
  'src/server/fine.ts',
  'src/contract/fine.ts',
  'src/core/fine.ts',
  'src/engine/fine.ts',
  'src/engine/jobs/fine.ts',
  'src/engine/compile/fine.ts',
  'src/engine/evaluate/fine.ts',
  'src/renderer/features/two/fine.ts',
  'test/fine.ts',
];
const allowed: Record<string, string> = {
  // Closes the circle that is reported at its other end.
  'src/rpc/b.ts': "import './a.ts';",
  'src/core/allowed.ts': "import 'node:fs';\nimport 'better-sqlite3';\nimport '../contract/fine.ts';",
  'src/main/child.ts': "import '../guard/no-network.ts';",
  'src/core/runs/allowed.ts': "import '../splits/check-labels.ts';",
  'src/engine/tf.ts': "export * from '@tensorflow/tfjs';",
  'src/engine/nn/allowed.ts': "import type { Tensor } from '@tensorflow/tfjs';\nexport type T = Tensor;",
  'src/engine/nn/composites/allowed.ts': "import '../../compile/fine.ts';",
  'src/engine/runtime/allowed.ts': "import 'onnxruntime-node';",
};

interface Violation {
  from: string;
  rule: { name: string };
}

test('each rule of the import table is found broken where it is broken, and nowhere else', () => {
  const folder = makeCheckout(['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'], {
    ...Object.fromEntries(Object.entries(violations).map(([path, { text }]) => [path, text])),
    ...Object.fromEntries(fine.map((path) => [path, 'export const fine = true;'])),
    ...allowed,
  });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const result = spawnSync(
    process.execPath,
    [cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', '--preserve-symlinks', 'src'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  const { summary } = JSON.parse(result.stdout) as { summary: { violations: Violation[] } };
  const found = new Map<string, Set<string>>();
  for (const { from, rule } of summary.violations) found.set(from, (found.get(from) ?? new Set()).add(rule.name));

  for (const [path, { rule }] of Object.entries(violations)) {
    assert.ok(found.get(path)?.has(rule), `${path} should break ${rule}; it breaks ${[...(found.get(path) ?? [])]}`);
  }
  assert.deepEqual(
    [...found.keys()].filter((path) => !(path in violations)),
    [],
  );
});
