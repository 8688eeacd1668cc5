import { z } from 'zod';
import { elementBytes, type ElementType } from './formats/element-types.ts';
import { malformed } from './formats/malformed.ts';

const tensorSchema = z.object({
  dtype: z.enum(Object.keys(elementBytes) as [ElementType, ...ElementType[]]),
  shape: z.array(z.int().nonnegative()).max(8),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const metadataSchema = z.record(z.string(), z.string());
const headerSchema = z.record(z.string(), z.unknown());

export interface TensorEntry {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly elements: number;
  /** Bytes of the data section the tensor takes, which starts where the entry before it ends. */
  readonly bytes: number;
}

export interface Header {
  /** In the order of the data section, which they fill without a gap. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Limit the format itself sets on the header, in bytes. */
const maxHeaderBytes = 100_000_000;

/**
 * Length of the JSON header, believed only if it fits the file: a header that lies about its size
 * is refused before anything is allocated for it.
 */
export function headerLength(prefix: Uint8Array, fileBytes: number, file: string): number {
  if (prefix.byteLength < 8) throw malformed(file, 'it is shorter than 8 bytes');
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes) || length > BigInt(fileBytes - 8)) {
    throw malformed(file, 'its header claims to be longer than the file');
  }
  return Number(length);
}

/**
 * Checks the header against the file: every tensor's bytes follow from its shape and type, and together they fill
 * the data section exactly, without gap or overlap.
 */
export function parseHeader(json: Uint8Array, dataBytes: number, file: string): Header {
  const { __metadata__: rawMetadata = {}, ...rawTensors } = parseWith(headerSchema, decodeJson(json, file), file);
  const metadata = parseWith(metadataSchema, rawMetadata, file);
  const tensors = Object.entries(rawTensors).map(([name, raw]) => ({ name, ...parseWith(tensorSchema, raw, file) }));
  tensors.sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  let offset = 0;
  const entries = tensors.map(({ name, dtype, shape, data_offsets: [begin, end] }): TensorEntry => {
    const elements = shape.reduce((product, side) => product * side, 1);
    const bytes = elements * elementBytes[dtype];
    if (begin !== offset || end - begin !== bytes) throw malformed(file, `the place of tensor ${name} is wrong`);
    offset = end;
    return { name, dtype, shape, elements, bytes };
  });
  if (offset !== dataBytes) {
    throw malformed(file, offset > dataBytes ? 'it ends too early' : 'there is more data than its tensors take');
  }
  return { entries, metadata };
}

/** Header bytes with their length in front, padded so that the data section starts at a multiple of 8. */
export function encodeHeader({ entries, metadata }: Header): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let offset = 0;
  for (const { name, dtype, shape, bytes } of entries) {
    header[name] = { dtype, shape, data_offsets: [offset, (offset += bytes)] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.byteLength / 8) * 8;
  const encoded = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(encoded.buffer).setBigUint64(0, BigInt(length), true);
  encoded.set(json, 8);
  return encoded;
}

function decodeJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw malformed(file, 'its header cannot be read', cause);
  }
}

function parseWith<S extends z.ZodType>(schema: S, value: unknown, file: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw malformed(file, 'its header does not describe tensors this program knows', parsed.error);
  return parsed.data;
}
