import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';
import type { Answer } from '../processes/answer.ts';

const MAX_BODY_BYTES = 1 << 10;

/** The JSON a request carries, parsed; undefined where it is too long, no JSON, or not as agreed. */
export async function readBody<S extends z.ZodType>(
  request: IncomingMessage,
  schema: S,
): Promise<z.infer<S> | undefined> {
  let body = '';
  try {
    for await (const chunk of request) {
      body += String(chunk);
      if (body.length > MAX_BODY_BYTES) return undefined;
    }
    return schema.parse(JSON.parse(body)) as z.infer<S>;
  } catch {
    return undefined;
  }
}

export async function send(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  response.writeHead(status, headers);
  if (body === undefined || body instanceof Uint8Array) return void response.end(body);
  // A reader that went away, or a source that broke: the connection is cut, and the browser sees that it is.
  await pipeline(body instanceof Readable ? body : Readable.from(body), response).catch(() => response.destroy());
}
