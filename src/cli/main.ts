import { inspect } from 'node:util';
import { AppError } from '../contract/errors.ts';
import { readPolicy } from '../files/policy.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { Command } from './command.ts';
import { commands } from './commands/index.ts';
import { errorJson, errorText } from './format/error.ts';
import { commandHelp, overview } from './format/help.ts';
import { nearest } from './format/nearest.ts';
import { parseArguments, requireComplete } from './parse.ts';
import { openShell } from './shell.ts';

/** The command of one or two words at the start of the arguments, and what follows it. */
function findCommand(args: readonly string[]): { command: Command; rest: readonly string[] } {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ');
    const command = commands.find((candidate) => candidate.name === name);
    if (command !== undefined) return { command, rest: args.slice(words) };
  }
  const word = args[0] ?? '';
  throw new AppError('usage.unknownCommand', {
    command: word,
    suggestion: nearest(
      word,
      commands.map(({ name }) => name),
      (name) => ` Did you mean \`${name}\`?`,
    ),
  });
}

async function perform(args: readonly string[], isDebug: boolean, isJson: boolean): Promise<number> {
  const { command, rest } = findCommand(args);
  const parsed = parseArguments(command, rest);
  if (parsed.values['help']) {
    process.stdout.write(`${commandHelp(command)}\n`);
    return 0;
  }
  requireComplete(command, parsed);
  // Nothing at all is done where what the administrator wants cannot be told.
  readPolicy();
  const shell = openShell({ debug: isDebug, screen: process.stderr });
  try {
    const outcome = await command.run(parsed, shell);
    process.stdout.write(`${isJson ? JSON.stringify(outcome.json) : outcome.text}\n`);
    return outcome.done === false ? 1 : 0;
  } finally {
    await shell.stop();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const first = args[0];
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(`${overview(commands)}\n`);
    return first === undefined ? 2 : 0;
  }
  if (first === '--version') {
    process.stdout.write(`${packageJson.version}\n`);
    return 0;
  }
  const isDebug = args.includes('--debug');
  const isJson = args.includes('--json');
  try {
    return await perform(args, isDebug, isJson);
  } catch (thrown) {
    const error = AppError.from(thrown);
    process.stderr.write(`${errorText(error)}\n`);
    if (isDebug) process.stderr.write(`${inspect(thrown)}\n`);
    if (isJson) process.stdout.write(`${JSON.stringify(errorJson(error))}\n`);
    return error.exit;
  }
}

// A reader that went away (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});
process.exitCode = await main(process.argv.slice(2));
