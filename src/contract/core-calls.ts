import { z } from 'zod';
import { auditEntrySchema, auditProblemSchema } from './audit.ts';
import { applyCalls, batchSchema } from './calls/apply.ts';
import { exportCalls } from './calls/exports.ts';
import { labelCalls } from './calls/labels.ts';
import { libraryCalls } from './calls/library.ts';
import { modelCalls } from './calls/models.ts';
import { mapCalls } from './calls/map.ts';
import { projectCalls } from './calls/projects.ts';
import { runCalls } from './calls/runs.ts';
import { weightsCalls } from './calls/weights.ts';
import { whyCalls } from './calls/why.ts';
import { machineInputSchema, machineSchema } from './machine.ts';
import { progressSchema } from './progress.ts';
import { runRowSchema } from './runs.ts';
import { settingsSchema } from './settings.ts';

/**
 * Every call of a shell (window, browser, terminal) to core. `project` is a project's id, or its folder where the
 * shell may know folders. `rater` is who asks: what they may not see in a blind session is not sent.
 */
export const coreCalls = {
  ...projectCalls,
  ...libraryCalls,
  ...labelCalls,
  ...runCalls,
  ...applyCalls,
  ...exportCalls,
  ...mapCalls,
  ...weightsCalls,
  ...modelCalls,
  ...whyCalls,
  'audit.verify': {
    /** `file`: what was exported once; whether the log still tells of it is looked at too. */
    input: z.object({ project: z.string(), file: z.string().optional() }),
    output: z.object({
      ok: z.boolean(),
      entries: z.int(),
      head: z.string(),
      problems: z.array(auditProblemSchema),
      /** When what does not match begins, where that can be told: message `audit.broken`. */
      brokenFrom: z.string().nullable().default(null),
    }),
  },
  /** What happened, newest first. Not for a blind rater. */
  'audit.list': {
    input: z.object({
      project: z.string(),
      rater: z.string(),
      kind: z.string().max(40).optional(),
      /** Whose acts; null for those of nobody in particular. */
      by: z.string().max(60).nullable().optional(),
      /** Only entries before this one. */
      before: z.int().optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    output: z.object({
      entries: z.array(auditEntrySchema),
      /** Entries that fit, whatever was left off. */
      count: z.int(),
      kinds: z.array(z.string()),
      raters: z.array(z.string()),
    }),
  },
  'machine.describe': { input: machineInputSchema, output: machineSchema },
} as const;
export type CoreCalls = typeof coreCalls;

/** `project` is the id. An event says that something changed; what it is now is asked for, by each for their own eyes. */
export const coreEvents = {
  /** Ask for `projects.status`. At most ten a second. */
  'project.changed': z.object({ project: z.string(), seq: z.int() }),
  /** Tiles show something else now. `images` is null where there are too many to name. */
  'labels.changed': z.object({ project: z.string(), seq: z.int(), images: z.array(z.int()).max(1000).nullable() }),
  'classes.changed': z.object({ project: z.string(), seq: z.int() }),
  'library.changed': z.object({ project: z.string(), seq: z.int() }),
  'run.progress': z.object({ project: z.string(), run: z.string(), progress: progressSchema }),
  'run.state': z.object({ project: z.string(), row: runRowSchema }),
  'batch.changed': z.object({ project: z.string(), batch: batchSchema }),
  'settings.changed': z.object({ settings: settingsSchema }),
  /** A process that works for the page died, came back, or was given up. Sent by the host. */
  'process.notice': z.object({ process: z.enum(['core', 'engine']), what: z.enum(['died', 'restarted', 'given-up']) }),
} as const;
export type CoreEvents = typeof coreEvents;
