import type { AppError } from '../../contract/errors.ts';

/** What happened, what is safe, what to do, and the code to quote. */
export function errorText(error: AppError): string {
  const { code, message, safe, action } = error.toShape();
  return `${message} ${safe} ${action} [${code}]`;
}

export function errorJson(error: AppError): object {
  const { code, message, safe, action, params } = error.toShape();
  return { error: { code, message, safe, action, params } };
}
