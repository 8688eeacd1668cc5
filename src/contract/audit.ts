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
