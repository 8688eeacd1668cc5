import type { Command, Options } from '../command.ts';
import { commonOptions } from '../parse.ts';

const optionLines = (options: Options): string => {
  const entries = Object.entries(options).map(([name, { value, help, required }]) => ({
    left: `--${name}${value === undefined ? '' : ` ${value}`}`,
    right: required ? `${help} (needed)` : help,
  }));
  const width = Math.max(...entries.map(({ left }) => left.length));
  return entries.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`).join('\n');
};

export function usage(command: Command): string {
  const required = Object.entries(command.options)
    .filter(([, option]) => option.required)
    .map(([name, { value }]) => `--${name} ${value ?? ''}`.trimEnd());
  return ['acclimate', command.name, ...command.positionals.map(({ name }) => name), ...required, '[options]'].join(
    ' ',
  );
}

export function commandHelp(command: Command): string {
  const width = Math.max(0, ...command.positionals.map(({ name }) => name.length));
  return [
    command.summary,
    '',
    `Usage: ${usage(command)}`,
    '',
    ...command.positionals.map(({ name, help }) => `  ${name.padEnd(width)}  ${help}`),
    ...(command.positionals.length > 0 ? [''] : []),
    'Options:',
    optionLines({ ...command.options, ...commonOptions }),
    '',
    'Example:',
    `  ${command.example}`,
    '',
    'Exit status: 0 done, 1 the job failed or did not reach its end, 2 wrong use.',
  ].join('\n');
}

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Acclimate adapts a pretrained image classifier to your own images, offline, and says honestly whether it helped.',
    '',
    'Usage: acclimate <command> [options]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Each command has --json, --help with an example, and --debug.',
    'Example: acclimate import ./smears --project ./smears-project && acclimate run ./smears-project',
  ].join('\n');
}
