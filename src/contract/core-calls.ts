import { z } from 'zod';
import { applyCalls, batchSchema } from './calls/apply.ts';
import { labelCalls } from './calls/labels.ts';
import { libraryCalls } from './calls/library.ts';
import { modelCalls } from './calls/models.ts';
import { projectCalls } from './calls/projects.ts';
import { runCalls } from './calls/runs.ts';
import { weightsCalls } from './calls/weights.ts';
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
  ...weightsCalls,
  ...modelCalls,
  'audit.verify': {
    input: z.object({ project: z.string() }),
    output: z.object({
      ok: z.boolean(),
      entries: z.int(),
      head: z.string(),
      problems: z.array(z.string()),
      /** When what does not match begins, where that can be told: message `audit.broken`. */
      brokenFrom: z.string().nullable().default(null),
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
