import { engineErrors } from './errors/engine.ts';
import { jobErrors } from './errors/jobs.ts';
import { libraryErrors } from './errors/library.ts';
import { modelErrors } from './errors/models.ts';
import { mapErrors } from './errors/map.ts';
import { projectErrors } from './errors/project.ts';
import { runErrors } from './errors/runs.ts';
import { seatErrors } from './errors/seats.ts';
import { usageErrors } from './errors/usage.ts';
import { viewErrors } from './errors/views.ts';
import { weightErrors } from './errors/weights.ts';
import { whyErrors } from './errors/why.ts';

/**
 * Every failure a user can meet: a stable code, what happened, what is safe, what to do.
 * `{name}` in a sentence is replaced by the parameter of that name.
 */
export interface ErrorEntry {
  readonly message: string;
  readonly safe: string;
  readonly action: string;
  /** Exit status of the command line: 1 the job failed, 2 wrong use. */
  readonly exit: 1 | 2;
}

export const errorTable = {
  ...usageErrors,
  ...projectErrors,
  ...libraryErrors,
  ...runErrors,
  ...engineErrors,
  ...jobErrors,
  ...weightErrors,
  ...modelErrors,
  ...seatErrors,
  ...viewErrors,
  ...mapErrors,
  ...whyErrors,
  internal: {
    message: 'Something went wrong inside Acclimate: {reason}.',
    safe: 'Labels and finished results are on disk.',
    action: 'Try again; run with --debug to see the details.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;
export type ErrorParams = Readonly<Record<string, string | number>>;

/** The one shape of an error on every transport. */
export interface ErrorShape {
  code: ErrorCode;
  message: string;
  safe: string;
  action: string;
  params: ErrorParams;
}

const fill = (sentence: string, params: ErrorParams): string =>
  sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));

/** An error with a stable code. Thrown anywhere, shown to the user as its sentence and action. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, params: ErrorParams = {}, options?: ErrorOptions) {
    super(fill(errorTable[code].message, params), options);
    this.name = 'AppError';
    this.code = code;
    this.params = params;
  }

  get exit(): 1 | 2 {
    return errorTable[this.code].exit;
  }

  toShape(): ErrorShape {
    const entry = errorTable[this.code];
    return {
      code: this.code,
      message: this.message,
      safe: fill(entry.safe, this.params),
      action: fill(entry.action, this.params),
      params: this.params,
    };
  }

  static from(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new AppError('internal', { reason }, { cause: error });
  }

  static fromShape(shape: ErrorShape): AppError {
    return new AppError(shape.code in errorTable ? shape.code : 'internal', shape.params);
  }
}
