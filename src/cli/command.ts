import type { CoreCalls } from '../contract/core-calls.ts';
import type { CallerInputOf, OutputOf } from '../rpc/types.ts';

export interface Option {
  /** A list is given one by one. */
  readonly kind: 'text' | 'number' | 'flag' | 'list';
  /** Placeholder in the help, such as `<dir>`. */
  readonly value?: string;
  readonly help: string;
  readonly required?: boolean;
}
export type Options = Readonly<Record<string, Option>>;

export interface Positional {
  /** Placeholder in the help, such as `<folder>`. */
  readonly name: string;
  readonly help: string;
}

export interface Parsed {
  readonly positionals: readonly string[];
  /** By the camelCase of the option; only those given. */
  readonly values: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** What a command came to. */
export interface Outcome {
  /** The one object of `--json`. */
  readonly json: object;
  /** The same for people. */
  readonly text: string;
  /** False when the job did not reach its end: exit status 1. */
  readonly done?: boolean;
}

export interface WorkOptions {
  /** The folder of the project whose run Ctrl-C pauses first and cancels second. Without it Ctrl-C stops the call. */
  readonly pausable?: string;
}

/** What a command has to work with. */
export interface Shell {
  readonly debug: boolean;
  /** Calls core, shows the progress, answers Ctrl-C. */
  call<K extends keyof CoreCalls & string>(
    name: K,
    input: CallerInputOf<CoreCalls, K>,
    options?: WorkOptions,
  ): Promise<OutputOf<CoreCalls, K>>;
  /** One line for people, on stderr. */
  say(line: string): void;
  /** Resolves at the first Ctrl-C or SIGTERM. */
  untilInterrupted(): Promise<void>;
}

export interface Command {
  /** As typed, such as `import` or `audit verify`. */
  readonly name: string;
  readonly summary: string;
  readonly positionals: readonly Positional[];
  readonly options: Options;
  readonly example: string;
  run(parsed: Parsed, shell: Shell): Promise<Outcome>;
}

export const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
