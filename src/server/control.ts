import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../contract/errors.ts';
import { LOOPBACK, type Place } from './listen.ts';

const fileSchema = z.object({
  place: z.union([z.object({ port: z.int() }), z.object({ socket: z.string() })]),
  key: z.string(),
});
type Known = z.infer<typeof fileSchema>;
const answerSchema = z.object({ url: z.string() });
const ending = '.server.json';

/** Writes down where this server is and how its owner asks it for links; returns how to take that back. */
export function announce(folder: string, place: Place, key: string): () => void {
  const file = join(folder, `${process.pid}${ending}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify({ place, key } satisfies Known), { mode: 0o600, flag: 'wx' });
  return () => rmSync(file, { force: true });
}

/**
 * A link of the server that was started last, for one rater or for whoever works at it.
 * @throws AppError `server.none` where none runs
 */
export async function askForLink(folder: string, rater: string | null): Promise<string> {
  for (const { file, known } of announced(folder)) {
    const url = await ask(known, rater).catch(() => undefined);
    if (url !== undefined) return url;
    // Its server was killed.
    rmSync(file, { force: true });
  }
  throw new AppError('server.none');
}

function announced(folder: string): { file: string; known: Known }[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => join(folder, name))
      .map((file) => ({
        file,
        at: statSync(file).mtimeMs,
        known: fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))),
      }))
      .toSorted((one, other) => other.at - one.at);
  } catch {
    return [];
  }
}

function ask({ place, key }: Known, rater: string | null): Promise<string> {
  const to = 'port' in place ? { host: LOOPBACK, port: place.port } : { socketPath: place.socket };
  const host = `${LOOPBACK}:${'port' in place ? place.port : 1}`;
  return new Promise((resolve, reject) => {
    const sent = request({ ...to, method: 'POST', path: '/link', headers: { host, authorization: `Bearer ${key}` } });
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.once('end', () => {
        try {
          resolve(answerSchema.parse(JSON.parse(text)).url);
        } catch (error) {
          reject(error as Error);
        }
      });
    });
    sent.end(JSON.stringify({ rater }));
  });
}
