import { z } from 'zod';
import { progressSchema } from '../contract/progress.ts';

const id = z.int().nonnegative();

const errorFrameSchema = z.object({
  code: z.string(),
  message: z.string(),
  safe: z.string(),
  action: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
});

/** What a client sends. `gone` tells a relay that the client has given up its calls to a process that died. */
export const requestSchema = z.discriminatedUnion('t', [
  z.object({ t: z.literal('call'), id, name: z.string(), input: z.unknown() }),
  z.object({ t: z.literal('cancel'), id }),
  z.object({ t: z.literal('gone') }),
]);
export type Request = z.infer<typeof requestSchema>;

/** What a server sends. `gone` comes from a relay: the process that had the calls is no more, another takes its place. */
export const responseSchema = z.discriminatedUnion('t', [
  z.object({ t: z.literal('progress'), id, progress: progressSchema }),
  z.object({ t: z.literal('result'), id, output: z.unknown() }),
  z.object({ t: z.literal('error'), id, error: errorFrameSchema }),
  z.object({ t: z.literal('event'), name: z.string(), data: z.unknown() }),
  z.object({ t: z.literal('gone') }),
]);
export type Response = z.infer<typeof responseSchema>;

const identified = z.object({ id });

/** The id of a frame that could not be parsed as a whole, so that its caller can be answered. */
export function idOf(frame: unknown): number | undefined {
  const parsed = identified.safeParse(frame);
  return parsed.success ? parsed.data.id : undefined;
}

/** First problem of a failed parse, as "path: what". */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'unknown';
  return issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message;
}
