/**
 * Imports checkpoints that PyTorch, timm, torchvision and NumPy write on the spot, with random weights, and compares
 * the features with those of the models they were written from. Needs Python with torch, torchvision, timm,
 * safetensors and numpy.
 *
 *   npm run bench:weights -- --python <interpreter> [--only <part of a backbone's name>] [--json <file>]
 *
 * Exit status 1 where an error is above 1e-4 of the norm.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { backbone as backboneNamed, backboneNames } from '../src/engine/backbones/registry.ts';
import type { Executor } from '../src/engine/nn/types.ts';
import { createExecutor } from '../src/engine/runtime/executor.ts';
import { importWeights } from '../src/engine/weights/import.ts';
import { loadBackboneWeights } from '../src/engine/weights/load.ts';
import { relativeError } from '../test/engine/support/eager.ts';
import { featureProgram } from '../test/engine/support/oracles/backbones.ts';

const tolerance = 1e-4;
const images = 2;
const caseSchema = z.object({ backbone: z.string(), what: z.string(), file: z.string() });
type Case = z.infer<typeof caseSchema>;

const { values } = parseArgs({
  options: { python: { type: 'string' }, only: { type: 'string', default: '' }, json: { type: 'string' } },
});
const { python, only } = values;
if (python === undefined) throw new Error('--python is needed');

const floats = (path: string): Float32Array<ArrayBuffer> => new Float32Array(new Uint8Array(readFileSync(path)).buffer);

/** Relative error of the features, and the seconds the import took. */
async function check({ backbone: name, file }: Case, folder: string, executor: Executor) {
  const backbone = backboneNamed(name);
  const data = floats(join(folder, 'images'));
  const side = Math.sqrt(data.length / (images * 3));
  const shape = [images, side, side, 3];
  const start = performance.now();
  const record = await importWeights(join(folder, file), name, join(folder, 'imported'), {
    licence: 'none',
    source: 'random numbers',
    side,
  });
  const seconds = (performance.now() - start) / 1000;
  const tree = await loadBackboneWeights(backbone, join(folder, 'imported', record.file), record.sha256);
  const program = await executor.compile(featureProgram(backbone, shape));
  try {
    await program.load(tree);
    const batch = { images: { shape, dtype: 'float32' as const, data } };
    const { features } = await program.run({ batch, hyper: {}, random: {} });
    const error = relativeError(features!.data as Float32Array, floats(join(folder, `${file}.features`)));
    return { error, seconds, format: record.origin.format, names: record.origin.names };
  } finally {
    await program.dispose();
  }
}

const executor = await createExecutor('onnx');
const rows: (Case & Awaited<ReturnType<typeof check>>)[] = [];
for (const name of backboneNames.filter((each) => each.includes(only))) {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-checkpoints-'));
  try {
    const script = fileURLToPath(new URL('weights/make.py', import.meta.url));
    const lines = execFileSync(python, [script, folder, name], { encoding: 'utf8' }).trim().split('\n');
    for (const line of lines.filter(Boolean)) {
      const row = caseSchema.parse(JSON.parse(line));
      const found = await check(row, folder, executor);
      rows.push({ ...row, ...found });
      const state = found.error <= tolerance ? 'ok    ' : 'FAILED';
      console.log(
        `${state} ${name}: ${row.what}: ${found.error.toExponential(1)}, imported in ${found.seconds.toFixed(1)} s`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
await executor.dispose();
const versions = execFileSync(
  python,
  [
    '-c',
    'import torch, timm, torchvision, numpy; print(f"PyTorch {torch.__version__}, timm {timm.__version__}, torchvision {torchvision.__version__}, NumPy {numpy.__version__}")',
  ],
  { encoding: 'utf8' },
).trim();
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ versions, tolerance, rows }, null, 1)}\n`);
}
const failed = rows.filter(({ error }) => !(error <= tolerance)).length;
console.log(`${rows.length} checkpoints by ${versions}; ${failed} failed`);
process.exitCode = failed === 0 && rows.length > 0 ? 0 : 1;
