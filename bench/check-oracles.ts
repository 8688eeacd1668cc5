/**
 * Compares this program with a folder of reference values and prints the worst error of each file:
 *
 *   npm run check:oracles -- <folder> [--weights <folder>] [--engine onnx|eager]
 *
 * Weights are looked for in the folder named, else in `weights` beside the folder of references, else in
 * `resources/backbones`. Exit status 1 where an error is above its tolerance, 2 on wrong use.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Executor } from '../src/engine/nn/types.ts';
import { createExecutor } from '../src/engine/runtime/executor.ts';
import { checkFormulaBackbone, checkPretrained, pretrainedWeights } from '../test/engine/support/oracles/backbones.ts';
import { absent, failed, type Finding } from '../test/engine/support/oracles/finding.ts';
import { checkLosses } from '../test/engine/support/oracles/losses.ts';
import { checkMetrics } from '../test/engine/support/oracles/metrics.ts';

const usage = 'use: npm run check:oracles -- <folder> [--weights <folder>] [--engine onnx|eager]';
const shipped = fileURLToPath(new URL('../resources/backbones', import.meta.url));

interface Context {
  readonly executor: Executor;
  readonly weightFolders: readonly string[];
}

/** What a reference file finds; one that cannot be read is a failure of its own, and the others go on. */
async function findingsOf(folder: string, name: string, context: Context): Promise<Finding[]> {
  try {
    return await check(name, JSON.parse(await readFile(join(folder, name), 'utf8')), context);
  } catch (error) {
    const note = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
    return [{ what: 'the file itself', error: NaN, tolerance: 0, note }];
  }
}

async function check(name: string, json: unknown, { executor, weightFolders }: Context): Promise<Finding[]> {
  if (name.startsWith('backbone_')) return checkFormulaBackbone(json, executor);
  const pretrained = /^pretrained_(.+)_\d+\.json$/.exec(name)?.[1];
  if (pretrained !== undefined) {
    const file = weightFolders.map((folder) => join(folder, pretrainedWeights(json))).find(existsSync);
    if (file === undefined)
      return [absent(pretrained, `${pretrainedWeights(json)} is not in ${weightFolders.join(' or ')}`)];
    return checkPretrained(json, pretrained, file, executor);
  }
  if (name === 'losses.json') return checkLosses(json);
  if (name === 'metrics.json') return checkMetrics(json);
  return [absent(name, 'not a kind of reference this command knows')];
}

/** One line for the worst finding of a file, one for each that fails or has no counterpart here. */
function report(name: string, findings: readonly Finding[], seconds: number): void {
  const compared = findings.filter(({ error }) => error !== null);
  const worst = compared.reduce<Finding | undefined>(
    (found, finding) => (!found || share(finding) > share(found) ? finding : found),
    undefined,
  );
  if (worst) {
    const state = compared.some(failed) ? 'FAILED' : 'ok';
    console.log(
      `${state.padEnd(7)} ${name}: worst ${describe(worst)}; ${compared.length} compared in ${seconds.toFixed(1)} s`,
    );
  }
  for (const finding of compared.filter(failed)) console.log(`          FAILED ${describe(finding)}`);
  for (const { what, note } of findings.filter(({ error }) => error === null))
    console.log(`absent  ${name}: ${what}: ${note}`);
}

const describe = ({ what, error, tolerance, note }: Finding): string =>
  note === undefined ? `${error?.toExponential(1)} (allowed ${tolerance}) in ${what}` : `${what}: ${note}`;
/** Error as a share of what is allowed; not a number counts as infinite. */
const share = ({ error, tolerance }: Finding): number => {
  const ratio = (error ?? 0) === 0 ? 0 : (error as number) / tolerance;
  return Number.isNaN(ratio) ? Infinity : ratio;
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { weights: { type: 'string' }, engine: { type: 'string', default: 'onnx' } },
  });
  const [folder] = positionals;
  if (folder === undefined || (values.engine !== 'onnx' && values.engine !== 'eager')) throw new TypeError(usage);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  if (names.length === 0) throw new TypeError(`${folder} holds no reference file; ${usage}`);
  const executor = await createExecutor(values.engine);
  const weightFolders = [values.weights ?? join(dirname(resolve(folder)), 'weights'), shipped];
  console.log(`engine: ${executor.name}`);
  let bad = 0;
  for (const name of names) {
    const start = performance.now();
    const findings = await findingsOf(folder, name, { executor, weightFolders });
    report(name, findings, (performance.now() - start) / 1000);
    if (findings.some(failed)) bad++;
  }
  await executor.dispose();
  console.log(`${names.length} files, ${bad} failed`);
  return bad === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof TypeError || (error instanceof Error && 'code' in error) ? 2 : 1;
}
