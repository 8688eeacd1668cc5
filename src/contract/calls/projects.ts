import { z } from 'zod';
import { policySchema, settingsChangeSchema, settingsSchema } from '../settings.ts';
import { projectCardSchema, projectStatusSchema } from '../project.ts';

const project = z.object({ project: z.string() });

/** Home, settings, and what belongs to a project as a whole. `project` is an id or a folder. */
export const projectCalls = {
  'projects.list': { input: z.object({}), output: z.object({ projects: z.array(projectCardSchema) }) },
  /** Opens a project by folder or id, notes it as opened, and tells its status. */
  'projects.open': { input: z.object({ project: z.string(), rater: z.string() }), output: projectStatusSchema },
  /** Opens it for looking only. */
  'projects.look': { input: z.object({ project: z.string(), rater: z.string() }), output: projectStatusSchema },
  'projects.status': { input: project.extend({ rater: z.string() }), output: projectStatusSchema },
  'projects.rename': { input: project.extend({ name: z.string().trim().min(1).max(120) }), output: z.object({}) },
  /** Takes it off the list; its files stay. */
  'projects.forget': { input: project, output: z.object({}) },
  /** Deletes the project folder; images are never touched. */
  'projects.delete': { input: project, output: z.object({}) },
  /** Makes a project of the sample library, with 4 labels per class by "sample" and one shipped run. */
  'projects.sample': { input: z.object({ folder: z.string().optional() }), output: z.object({ project: z.string() }) },
  /** Images are searched by content hash below a folder that replaces the one that is gone. */
  'projects.relink': {
    input: project.extend({ folder: z.string() }),
    output: z.object({ found: z.int(), missing: z.int() }),
  },
  'projects.backups': {
    input: project,
    output: z.object({
      backups: z.array(
        z.object({ name: z.string(), createdAt: z.string(), entries: z.int(), bytes: z.number(), version: z.int() }),
      ),
    }),
  },
  /** Restores a backup as a new project in `folder`; the old one stays as it is. */
  'projects.restore': {
    input: project.extend({ backup: z.string(), folder: z.string() }),
    output: z.object({ project: z.string() }),
  },
  /** Last place, queue position, saved filters and the like; per project and rater. */
  'projects.place': {
    input: project.extend({ rater: z.string(), key: z.string().max(60), value: z.string().max(20_000).optional() }),
    output: z.object({ value: z.string().nullable() }),
  },
  'settings.get': {
    input: z.object({}),
    output: z.object({
      settings: settingsSchema,
      policy: policySchema,
      /** Where new projects go, unless the user chooses. */
      defaultProjects: z.string(),
      /** Who the shell was linked for, and whether it may name any folder. */
      seat: z.object({ rater: z.string().nullable(), paths: z.boolean() }),
    }),
  },
  'settings.change': { input: settingsChangeSchema, output: settingsSchema },
  /** Folders below the roots of a shell without a native picker. */
  'files.browse': {
    /** Of the files, tables of labels are listed, or what may hold weights. */
    input: z.object({ path: z.string().nullable(), files: z.enum(['tables', 'weights', 'bundles']).default('tables') }),
    output: z.object({
      path: z.string(),
      parent: z.string().nullable(),
      folders: z.array(z.object({ name: z.string(), path: z.string() })),
      files: z.array(z.object({ name: z.string(), path: z.string(), bytes: z.number() })),
      images: z.int(),
    }),
  },
  'storage.get': {
    input: project,
    output: z.object({
      parts: z.array(
        z.object({
          part: z.enum(['database', 'thumbnails', 'cache', 'runs', 'backups', 'features']),
          bytes: z.number(),
          rebuildable: z.boolean(),
        }),
      ),
      free: z.number(),
    }),
  },
  /** Clears what is made again when it is needed. */
  'storage.clear': {
    input: project.extend({ parts: z.array(z.enum(['thumbnails', 'cache', 'features'])).min(1) }),
    output: z.object({ freed: z.number() }),
  },
  /** Requests that would have left the computer, by process. */
  'privacy.get': {
    input: z.object({}),
    output: z.object({
      blocked: z.array(z.object({ process: z.string(), requests: z.int() })),
      last: z.array(z.object({ time: z.string(), process: z.string(), to: z.string() })),
      /** Pages in browsers that are connected now: for whom their link was made, or null. */
      connected: z.array(z.object({ rater: z.string().nullable() })),
    }),
  },
  /** The page's own count, and its host's. */
  'privacy.report': {
    input: z.object({ process: z.string().max(40), requests: z.int().nonnegative() }),
    output: z.object({}),
  },
  'diagnostics.get': {
    input: project.partial(),
    output: z.object({
      versions: z.record(z.string(), z.string()),
      database: z.object({ ok: z.boolean(), detail: z.string() }).nullable(),
      timings: z.array(
        z.object({
          name: z.string(),
          count: z.int(),
          p50: z.number(),
          p95: z.number(),
          p99: z.number(),
          max: z.number(),
        }),
      ),
      log: z.array(z.string()),
    }),
  },
} as const;
