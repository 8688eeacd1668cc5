import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { AppError } from '../contract/errors.ts';
import { camel, kebab, type Command, type Option, type Options, type Parsed } from './command.ts';
import { nearest } from './format/nearest.ts';

/** Options every command has. */
export const commonOptions: Options = {
  json: { kind: 'flag', help: 'one JSON object on standard output, progress on standard error' },
  help: { kind: 'flag', help: 'this text' },
  debug: { kind: 'flag', help: 'show technical details when something fails' },
};

/** Parses the arguments after the command's name, and answers every mistake with what was probably meant. */
export function parseArguments(command: Command, args: readonly string[]): Parsed {
  const options: Options = { ...command.options, ...commonOptions };
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { kind }]) => [name, { type: kind === 'flag' ? 'boolean' : 'string' }]),
    ),
  });
  const positionals: string[] = [];
  const values: Record<string, string | number | boolean | readonly string[]> = {};
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const name = token.name === 'h' ? 'help' : token.name;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) {
      throw new AppError('usage.unknownOption', {
        command: command.name,
        option: token.rawName,
        suggestion: nearest(name, Object.keys(options), (choice) => ` Did you mean \`--${choice}\`?`),
      });
    }
    // `--out --json`: the next option is no value.
    const isSwallowed = token.inlineValue === false && /^-\D/.test(token.value);
    const value = valueOf(command, token.rawName, option.kind, isSwallowed ? undefined : token.value);
    const before = values[camel(name)];
    values[camel(name)] =
      option.kind === 'list' ? [...(Array.isArray(before) ? (before as string[]) : []), String(value)] : value;
  }
  return { positionals, values };
}

function valueOf(
  command: Command,
  option: string,
  kind: Option['kind'],
  value: string | undefined,
): string | number | boolean {
  const bad = (reason: string): AppError =>
    new AppError('usage.badValue', { command: command.name, option, value: value || 'empty', reason });
  if (kind === 'flag') {
    if (value !== undefined) throw bad('it takes no value');
    return true;
  }
  if (value === undefined || value === '') throw bad('it needs a value');
  if (kind !== 'number') return value;
  const number = Number(value);
  if (!Number.isFinite(number)) throw bad('it must be a number');
  return number;
}

/** Checks that everything a command cannot do without is there, and nothing it does not know. */
export function requireComplete(command: Command, { positionals, values }: Parsed): void {
  const missing = command.positionals[positionals.length];
  if (missing !== undefined) {
    throw new AppError('usage.missing', { command: command.name, what: `${missing.name} (${missing.help})` });
  }
  const extra = positionals[command.positionals.length];
  if (extra !== undefined) throw new AppError('usage.tooMany', { command: command.name, value: extra });
  for (const [name, option] of Object.entries(command.options)) {
    if (option.required && values[camel(name)] === undefined) {
      throw new AppError('usage.missing', {
        command: command.name,
        what: `\`--${name} ${option.value ?? ''}\` (${option.help})`,
      });
    }
  }
}

/** Parses options with the call's own schema, so that a wrong value is named as the option it came from. */
export function toInput<S extends z.ZodType>(command: string, schema: S, input: Record<string, unknown>): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? '');
  throw new AppError('usage.badValue', {
    command,
    option: `--${kebab(name)}`,
    value: String(input[name] ?? ''),
    reason: plain(issue),
  });
}

/** zod's sentence in words a user reads. */
function plain(issue: z.core.$ZodIssue | undefined): string {
  const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
  switch (issue?.code) {
    case 'too_small':
      return issue.inclusive === false ? `it must be above ${issue.minimum}` : `the least is ${issue.minimum}`;
    case 'too_big':
      return issue.inclusive === false ? `it must be below ${issue.maximum}` : `the most is ${issue.maximum}`;
    case 'invalid_type':
      return issue.expected === 'int' ? 'it must be a whole number' : `it must be a ${issue.expected}`;
    case 'invalid_value':
      return `it must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union': {
      const choices = issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_value' ? inner.values : []));
      return choices.length > 0 ? `it must be one of ${choices.map(String).join(', ')}` : 'it is not allowed';
    }
    default:
      return lower(issue?.message ?? 'it is not allowed');
  }
}
