import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { CoreCalls } from '../contract/core-calls.ts';
import { AppError } from '../contract/errors.ts';
import type { Seat } from '../contract/seat.ts';
import type { CallContext, Handlers } from '../rpc/types.ts';
import { isInside, resolvedPath } from './db/file-system.ts';
import { defaultProjects } from './settings/places.ts';

/** @throws AppError `seat.rater` where a seat that is bound to a rater claims another */
export function assertRater(seat: Seat, rater: string): void {
  if (seat.rater !== null && seat.rater !== rater) {
    throw new AppError('seat.rater', { bound: seat.rater, claimed: rater });
  }
}

/**
 * @throws AppError `seat.path` where a path, links resolved, lies neither below a root of the seat nor where new
 * projects go
 */
export function assertPath(seat: Seat, path: string): void {
  if (seat.roots === null) return;
  // A path that is not whole would be taken from wherever this process runs.
  const real = isAbsolute(path) ? resolvedPath(path) : undefined;
  if (real === undefined || ![...seat.roots, defaultProjects()].some((root) => isInside(real, resolvedPath(root)))) {
    throw new AppError('seat.path');
  }
}

/** The inputs that name a place on the disk, or several, in every call that has them. */
const pathFields = ['folder', 'unlabelled', 'labels', 'out', 'images', 'path', 'file', 'table'];
const idSchema = z.uuid();

function assertInput(seat: Seat, fields: Readonly<Record<string, unknown>>): void {
  if (typeof fields['rater'] === 'string') assertRater(seat, fields['rater']);
  for (const path of pathFields.flatMap((field) => fields[field])) if (typeof path === 'string') assertPath(seat, path);
  const { project } = fields;
  // By id only what was opened on this computer is found.
  if (typeof project === 'string' && !idSchema.safeParse(project).success) assertPath(seat, project);
}

/** The same handlers, each behind the check of what its caller's seat may claim and name. */
export function seated(handlers: Handlers<CoreCalls>): Handlers<CoreCalls> {
  const checked = Object.entries(handlers).map(([name, handler]) => [
    name,
    async (input: never, context: CallContext): Promise<unknown> => {
      assertInput(context.seat, input);
      return handler(input, context);
    },
  ]);
  return Object.fromEntries(checked) as Handlers<CoreCalls>;
}
