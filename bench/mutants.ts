/**
 * Do the tests notice a method that lost what keeps it from collapse? Each mutant changes one line in a copy of the
 * sources; the tests named beside it must then fail, and pass on the unchanged copy.
 *
 *   npm run bench:mutants [-- --only dino]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly line: string;
  readonly becomes: string;
  readonly tests: readonly string[];
}

const methods = 'src/engine/methods';
const tests = {
  views: 'test/engine/methods/view-methods.test.ts',
  words: 'test/engine/methods/words.test.ts',
  pretext: 'test/engine/methods/pretext.test.ts',
  tiles: 'test/engine/augment/tiles.test.ts',
  losses: 'test/engine/methods/losses.test.ts',
  program: 'test/engine/methods/program.test.ts',
};
const mutants: readonly Mutant[] = [
  {
    name: 'simsiam: no stop-gradient',
    file: `${methods}/simsiam.ts`,
    line: 'swapped(stopGradient(projection))',
    becomes: 'swapped(projection)',
    tests: [tests.views],
  },
  {
    name: 'simsiam: no predictor',
    file: `${methods}/simsiam.ts`,
    line: "part('predictor', projection)",
    becomes: 'projection',
    tests: [tests.views],
  },
  {
    name: 'byol: no predictor',
    file: `${methods}/byol.ts`,
    line: "part('predictor', projection)",
    becomes: 'projection',
    tests: [tests.views],
  },
  {
    name: 'byol: the target is the network itself, at once',
    file: `${methods}/byol.ts`,
    line: "1 - targetDecay(numberOf(settings, 'tau'), step, total)",
    becomes: '1',
    tests: [tests.program],
  },
  {
    name: 'dino: no centering',
    file: `${methods}/losses/dino.ts`,
    line: 'tf.sub(scores, centre)',
    becomes: 'scores',
    tests: [tests.views, tests.losses],
  },
  {
    name: 'dino: a centre that stands still',
    file: `${methods}/losses/dino.ts`,
    line: 'tf.add(centre, tf.mul(tf.sub(tf.mean(teacher, 0), centre), share))',
    becomes: 'tf.add(centre, tf.mul(tf.mean(teacher, 0), tf.mul(share, 0)))',
    tests: [tests.views, tests.losses],
  },
  {
    name: 'dino: no sharpening',
    file: `${methods}/losses/dino.ts`,
    line: 'tf.softmax(tf.div(tf.sub(scores, centre), temperature) as TF.Tensor2D)',
    becomes: 'tf.softmax(tf.sub(scores, tf.mul(centre, tf.div(temperature, temperature))) as TF.Tensor2D)',
    tests: [tests.views, tests.losses],
  },
  {
    name: 'swav: Sinkhorn off',
    file: `${methods}/losses/swav.ts`,
    line: 'sinkhorn(stopGradient(scores), epsilon, iterations)',
    becomes: 'tf.softmax(tf.div(stopGradient(scores), epsilon) as TF.Tensor2D)',
    tests: [tests.views],
  },
  {
    name: 'swav: no stop-gradient',
    file: `${methods}/losses/swav.ts`,
    line: 'sinkhorn(stopGradient(scores), epsilon, iterations)',
    becomes: 'sinkhorn(scores, epsilon, iterations)',
    tests: [tests.views],
  },
  {
    name: 'rotation: each turn is brought to the same mean',
    file: `${methods}/rotation.ts`,
    line: "oneBatch: ['turned'],",
    becomes: '',
    tests: [tests.program],
  },
  {
    name: 'jigsaw: tiles are drawn in their own order',
    file: `${methods}/jigsaw.ts`,
    line: 'orders[order[image] as number]?.[tile] as number',
    becomes: 'image < 0 ? (orders[order[image] as number]?.[tile] as number) : tile',
    tests: [tests.pretext],
  },
  {
    name: 'jigsaw: tiles are cut in one order, whatever was drawn',
    file: 'src/engine/augment/tile-inputs.ts',
    line: "const cell = tf.cast(leaf(random, names.cell), 'float32');",
    becomes: "const cell = tf.sort(tf.cast(leaf(random, names.cell), 'float32') as never) as TF.Tensor;",
    tests: [tests.tiles],
  },
  {
    name: 'obow: a frozen vocabulary',
    file: `${methods}/obow.ts`,
    line: "words: renewed(known, sampleWords(map, leaf(random, 'place') as TF.Tensor2D))",
    becomes: 'words: tf.clone(known)',
    tests: [tests.words],
  },
  {
    name: 'obow: the vocabulary of every step is lost by the program',
    file: `${methods}/program.ts`,
    line: "...stripPrefix(extra, 'updates.')",
    becomes: "...stripPrefix({}, 'updates.')",
    tests: [tests.program],
  },
];

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const home = resolve(import.meta.dirname, '..');
const copy = mkdtempSync(join(tmpdir(), 'acclimate-mutants-'));
let survivors = 0;
try {
  for (const folder of ['src', 'test', 'package.json']) {
    cpSync(join(home, folder), join(copy, folder), { recursive: true });
  }
  for (const folder of ['node_modules', 'resources']) symlinkSync(join(home, folder), join(copy, folder));
  const chosen = mutants.filter(({ name }) => name.includes(values.only));
  const unchanged = [...new Set(chosen.flatMap((mutant) => mutant.tests))].sort();
  const broken = unchanged.filter((file) => !passes(file));
  if (broken.length > 0) throw new Error(`fails without a mutant: ${broken.join(', ')}`);
  for (const { name, file, line, becomes, tests: files } of chosen) {
    const path = join(copy, file);
    const source = readFileSync(path, 'utf8');
    if (!source.includes(line)) throw new Error(`${file} holds no such line: ${line}`);
    writeFileSync(
      path,
      source.replace(line, () => becomes),
    );
    const failing = files.filter((each) => !passes(each));
    writeFileSync(path, source);
    if (failing.length === 0) survivors++;
    console.log(`${name}: ${failing.length > 0 ? `noticed by ${failing.join(', ')}` : 'NOT NOTICED'}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exitCode = survivors > 0 ? 1 : 0;

function passes(file: string): boolean {
  const options = ['--disable-warning=ExperimentalWarning', '--import=./src/guard/no-network.ts'];
  const { status } = spawnSync(process.execPath, [...options, '--test', file], { cwd: copy, stdio: 'ignore' });
  return status === 0;
}
