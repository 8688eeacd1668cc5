import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commands } from '../../../src/cli/commands/index.ts';
import { acclimate } from './terminal.ts';

describe('acclimate in a terminal', { concurrency: 2, timeout: 60_000 }, () => {
  test('lists its commands, and says which it has on --help of each', async () => {
    const { status, out, err } = await acclimate('--help');
    assert.equal(status, 0);
    assert.equal(err, '');
    const expected =
      'import run adapt finetune embed runs results resume cancel predict audit\\ verify doctor demo serve link';
    for (const name of expected.split(/(?<!\\) /)) {
      assert.match(out, new RegExp(`^  ${name.replace('\\', '')} `, 'm'));
    }
  });

  for (const { name, example } of commands) {
    test(`${name} --help tells its use with an example`, async () => {
      const { status, out, err } = await acclimate(...name.split(' '), '--help');
      assert.equal(status, 0);
      assert.equal(err, '');
      assert(out.includes(`Usage: acclimate ${name}`));
      assert(out.includes(example));
      assert(out.includes('--json'));
    });
  }

  const wrong: [string[], string, RegExp][] = [
    [['inport'], 'usage.unknownCommand', /Did you mean `import`\?/],
    [['frobnicate'], 'usage.unknownCommand', /no command `frobnicate`\. Nothing/],
    [['audit'], 'usage.unknownCommand', /Did you mean `audit verify`\?/],
    [['run', '.', '--shot', '5'], 'usage.unknownOption', /Did you mean `--shots`\?/],
    [['run'], 'usage.missing', /needs <dir>/],
    [['import', '.'], 'usage.missing', /needs `--project <dir>`/],
    [['runs', 'a', 'b'], 'usage.tooMany', /`b`/],
    [['run', '.', '--shots', 'five'], 'usage.badValue', /`--shots` cannot be `five`/],
    [['run', '.', '--fraction', '1'], 'usage.badValue', /`--fraction` cannot be `1`: it must be below 1/],
    [['run', '.', '--shots', '2.5'], 'usage.badValue', /`--shots` cannot be `2\.5`: it must be a whole number/],
    [['run', '.', '--draws', '1'], 'usage.badValue', /the least is 2/],
    [
      ['run', '.', '--regime', 'prob'],
      'usage.badValue',
      /it must be one of probe, norm, staged, full, hyper-rule, auto/,
    ],
    [['run', '.', '--max-images', '0'], 'usage.badValue', /`--max-images` cannot be `0`/],
    [['run', '.', '--plan=yes'], 'usage.badValue', /it takes no value/],
    [['embed', '.', '--out', '--json'], 'usage.badValue', /`--out` cannot be `empty`: it needs a value/],
  ];
  for (const [args, code, sentence] of wrong) {
    test(`wrong use: ${args.join(' ')}`, async () => {
      const { status, out, err } = await acclimate(...args, '--json');
      assert.equal(status, 2);
      assert.match(err, sentence);
      assert.match(err, new RegExp(`\\[${code}\\]\\n$`));
      assert.doesNotMatch(err, /^\s+at /m, 'a stack trace');
      const { error } = JSON.parse(out) as { error: Record<string, string> };
      assert.equal(error['code'], code);
      assert.deepEqual(Object.keys(error), ['code', 'message', 'safe', 'action', 'params']);
    });
  }

  test('without anything it shows the commands and calls it wrong use', async () => {
    const { status, out } = await acclimate();
    assert.equal(status, 2);
    assert.match(out, /Usage: acclimate/);
  });
});
