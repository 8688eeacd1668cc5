import type { AuditProblem } from '../../contract/audit.ts';
import { wordsOf, type Words } from '../words.ts';

let english: Words | undefined;

/** What is wrong as one English sentence, in the words of the catalogue. */
export function inEnglish(code: AuditProblem['code'], named: AuditProblem['named']): string {
  english ??= wordsOf('en');
  return english.t(`settings.audit.problem.${code}`, named);
}
