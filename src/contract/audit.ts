import { z } from 'zod';

/** An entry of the audit trail, for people. */
export const auditEntrySchema = z.object({
  seq: z.int(),
  time: z.string(),
  kind: z.string(),
  /** Who did it; null where that is nobody in particular. */
  rater: z.string().nullable(),
  /** What the entry tells, but for lists and hashes. */
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** What may be wrong with the trail: each has its sentence in the catalogues, at `settings.audit.problem`. */
export const auditProblems = [
  'entryMissing',
  'entryOrder',
  'entryChanged',
  'labelsOther',
  'labelsUntold',
  'labelStray',
  'labelView',
  'noteView',
  'confirmationView',
  'classesUnreadable',
  'classOther',
  'classGone',
  'classUnknown',
  'runUntold',
  'runOther',
  'runGone',
  'resultsOther',
  'appliedUntold',
  'sidesOther',
  'headOther',
  'backupCut',
  'exportCut',
  'fileCut',
  'backupDiffers',
  'exportDiffers',
  'fileDiffers',
  'fileUntold',
] as const;
export const auditProblemSchema = z.object({
  code: z.enum(auditProblems),
  /** What the sentence names; moments as the trail holds them. */
  named: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The same in English, for the terminal. */
  sentence: z.string(),
});
export type AuditProblem = z.infer<typeof auditProblemSchema>;
