import { AppError } from '../../../contract/errors.ts';

/** A weights file that is not what it should be. @param reason goes on "…cannot be used: " */
export function malformed(file: string, reason: string, cause?: unknown): AppError {
  return new AppError('weights.format', { file, reason }, { cause });
}

/** A name out of a file that is not trusted, fit for a message. */
export const shown = (name: string): string => name.replaceAll(/[^\w./<>-]/g, '?').slice(0, 120);
