import { z } from 'zod';

/** What may compute: the fastest that is offered, or the processor alone. */
export const deviceSchema = z.enum(['auto', 'cpu']);
export type Device = z.infer<typeof deviceSchema>;

/** What can be tried: the providers of ONNX Runtime, and TF.js on a native TensorFlow. */
export const providerNameSchema = z.enum(['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'tensorflow']);

/** `full` tries what there is; with `provider`, that one alone beside the processor. */
export const machineInputSchema = z.object({ full: z.boolean(), provider: providerNameSchema.optional() });

export const selfTestSchema = z.object({ name: z.string(), passed: z.boolean(), detail: z.string() });
export const providerReportSchema = z.object({
  name: z.string(),
  available: z.boolean(),
  offered: z.boolean(),
  /** Why it is not offered, in one sentence. */
  reason: z.string().nullable(),
  selfTests: z.array(selfTestSchema),
  /** Steps per second of the self-test's training step, relative to the processor. */
  speed: z.number().nullable(),
});
export const machineSchema = z.object({
  version: z.string(),
  node: z.string(),
  platform: z.string(),
  processor: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  runtime: z.string(),
  telemetryOff: z.boolean(),
  providers: z.array(providerReportSchema),
  blockedRequests: z.int(),
});
export type Machine = z.infer<typeof machineSchema>;
export const speedSchema = z.object({
  provider: z.string(),
  adaptImagesPerSecond: z.number(),
  embedImagesPerSecond: z.number(),
  finetuneImagesPerSecond: z.number(),
  compileSeconds: z.number(),
});
export type Speed = z.infer<typeof speedSchema>;

/** What a run takes. */
export const needsSchema = z.object({
  /** Of memory, at its largest step. */
  memoryBytes: z.number(),
  /** Of a saved point of its adaptation. */
  stateBytes: z.number(),
  backboneBytes: z.number(),
});
export type Needs = z.infer<typeof needsSchema>;
