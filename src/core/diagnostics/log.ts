import { AppError } from '../../contract/errors.ts';

const most = 500;
const lines: string[] = [];

/** What happened, by code: no name, path or sentence is kept, so that it can be sent to whoever helps. */
export function noteFailure(call: string, error: unknown): void {
  lines.push(`${new Date().toISOString()} ${call} ${AppError.from(error).code}`);
  if (lines.length > most) lines.splice(0, lines.length - most);
}

export const failures = (): readonly string[] => lines;
