import { z } from 'zod';
import { failureCodes, imageTypes, type EncodeOptions, type ImageSource, type RecordOptions } from './types.ts';

/** What a decoder child is asked to do with each source of a batch. */
export type DecodeTask =
  | { readonly kind: 'inspect' }
  | ({ readonly kind: 'record' } & RecordOptions)
  | ({ readonly kind: 'encode' } & EncodeOptions);
export interface ChildRequest {
  readonly task: DecodeTask;
  readonly sources: readonly ImageSource[];
}

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const factsSchema = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  type: z.enum(imageTypes),
  bits: z.int().positive(),
  pages: z.int().positive(),
  bytes: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  thumbprint: bytes.refine(({ length }) => length === 256),
  meanColour: z.tuple([z.number(), z.number(), z.number()]).readonly(),
  range: z.tuple([z.number(), z.number()]).readonly().nullable(),
});
const recordSchema = z.object({ pixels: bytes, box: z.tuple([z.int(), z.int(), z.int(), z.int()]).readonly() });

const encodedSchema = z.object({
  type: z.enum(['image/jpeg', 'image/png']),
  encoded: bytes,
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * One per source, in order; sent before the next source is begun. Parsed by the parent: a file made to take a decoder
 * over must not reach further than that child.
 */
const childReplySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.union([factsSchema, recordSchema, encodedSchema]) }),
  z.object({ ok: z.literal(false), code: z.enum(failureCodes), reason: z.string() }),
]);
export type ChildReply = z.infer<typeof childReplySchema>;

/** `ready` comes once, when the child can decode. */
export const childMessageSchema = z.union([z.literal('ready'), childReplySchema]);
export type ChildMessage = z.infer<typeof childMessageSchema>;
