import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { personSchema } from '../contract/settings.ts';
import { bare, securityHeaders } from '../processes/answer.ts';
import { openPage } from '../processes/page.ts';
import { answerData, isData } from '../processes/pictures.ts';
import { watchWork } from '../processes/work.ts';
import { announce } from './control.ts';
import { isForeign, isOurHost, isOurOrigin } from './gate.ts';
import type { Host } from './host.ts';
import { listen, LOOPBACK, type Place } from './listen.ts';
import { readBody, send } from './requests.ts';
import { openSessions, same } from './sessions.ts';
import { openSockets } from './sockets.ts';

const MAX_CONNECTIONS = 256;
const MAX_HEADER_BYTES = 8 << 10;
const HEADERS_MILLISECONDS = 5_000;
const REQUEST_MILLISECONDS = 15_000;
const IDLE_MILLISECONDS = 12 * 60 * 60_000;

export interface HttpOptions {
  readonly host: Pick<Host, 'openPort' | 'connect'>;
  /** 0 takes a free one. */
  readonly port?: number;
  /** A socket file instead of a port. */
  readonly socket?: string;
  /** Folders that pages may look into and write below; the user's home without any. */
  readonly roots?: readonly string[];
  /** A page that sends nothing for so long needs a new link. */
  readonly idleMilliseconds?: number;
  /** How often connections are looked after. */
  readonly beatMilliseconds?: number;
  /** Folder of the built page. */
  readonly pageFolder?: string;
  /** Where the server is told of, for `acclimate link`; nowhere without it. */
  readonly controlFolder?: string;
  readonly now?: () => number;
}

export interface Http {
  /** 0 on a socket file. */
  readonly port: number;
  /** The first link, for nobody in particular. */
  readonly url: string;
  readonly isBuilt: boolean;
  /** A link that opens the page once, within a minute; for one rater, or for whoever works at it. */
  link(rater: string | null): string;
  close(): Promise<void>;
}

const tokenSchema = z.union([z.object({ token: z.string().max(200) }), z.object({ secret: z.string().max(200) })]);
const linkSchema = z.object({ rater: personSchema.shape.name.nullable() });

/**
 * The app for browsers on this computer: the built page, pictures, and the contract over a WebSocket. Only loopback or
 * a file of the owner's, only requests that name this address themselves, only pages that came by a link.
 */
export async function startHttp(options: HttpOptions): Promise<Http> {
  const page = openPage(options.pageFolder ?? fileURLToPath(new URL('../../out/renderer', import.meta.url)));
  const sessions = openSessions(options.idleMilliseconds ?? IDLE_MILLISECONDS, options.now);
  const sockets = openSockets(sessions, options.host.openPort, options.beatMilliseconds);
  const core = options.host.connect();
  const work = watchWork(core);
  const roots = [...(options.roots ?? [homedir()])];
  const controlKey = randomBytes(32).toString('base64url');
  let port = options.port;

  const link = (rater: string | null): string => {
    const token = sessions.link({ rater, paths: false, roots });
    // In the fragment, which no browser sends or logs.
    return `http://${LOOPBACK}:${port ?? '<port>'}/#token=${token}`;
  };

  /** A token becomes a session; a secret is asked about after a connection failed. */
  const openSession = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOurOrigin(request)) return send(response, bare(403));
    const given = await readBody(request, tokenSchema);
    if (given === undefined) return send(response, bare(400));
    const { cookie } = request.headers;
    if ('secret' in given) return send(response, bare(sessions.find(given.secret, cookie) ? 204 : 403));
    const session = sessions.exchange(given.token, cookie);
    if (session === undefined) return send(response, bare(403));
    await send(response, {
      status: 200,
      headers: {
        'Content-Type': 'application/json',
        'Set-Cookie': `${sessions.cookieName}=${session.cookie}; HttpOnly; SameSite=Strict; Path=/`,
      },
      body: Buffer.from(JSON.stringify({ secret: session.secret })),
    });
  };

  /** Asked by `acclimate link` alone: browsers send an origin, and do not know the key. */
  const makeLink = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { origin, authorization } = request.headers;
    if (origin !== undefined || !same(authorization ?? '', `Bearer ${controlKey}`)) return send(response, bare(403));
    const given = await readBody(request, linkSchema);
    if (given === undefined) return send(response, bare(400));
    const body = Buffer.from(JSON.stringify({ url: link(given.rater) }));
    await send(response, { status: 200, headers: { 'Content-Type': 'application/json' }, body });
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const nonce = randomBytes(16).toString('base64');
    for (const [name, value] of Object.entries(securityHeaders(nonce))) response.setHeader(name, value);
    if (!isOurHost(request, port)) return send(response, bare(403));
    const pathname = URL.parse(request.url ?? '/', `http://${LOOPBACK}`)?.pathname;
    if (pathname === undefined) return send(response, bare(400));
    if (request.method === 'POST' && pathname === '/session') return openSession(request, response);
    if (request.method === 'POST' && pathname === '/link') return makeLink(request, response);
    if (request.method !== 'GET') return send(response, bare(405));
    if (!isData(pathname)) return send(response, await page.answer(pathname, nonce));
    if (isForeign(request) || !sessions.hasCookie(request.headers.cookie)) return send(response, bare(403));
    const left = new AbortController();
    response.once('close', () => left.abort());
    await send(response, await answerData(core, pathname, left.signal));
  };

  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_MILLISECONDS,
      requestTimeout: REQUEST_MILLISECONDS,
      connectionsCheckingInterval: HEADERS_MILLISECONDS,
    },
    (request, response) => void answer(request, response).catch(() => response.destroy()),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('upgrade', (request, socket, head) => {
    const isAllowed = request.url === '/rpc' && isOurHost(request, port) && isOurOrigin(request);
    sockets.upgrade(request, socket, head, isAllowed);
  });

  const place: Place = options.socket === undefined ? { port: options.port ?? 0 } : { socket: options.socket };
  port = await listen(server, place);
  const withdraw =
    options.controlFolder === undefined
      ? undefined
      : announce(options.controlFolder, port === undefined ? place : { port }, controlKey);

  return {
    port: port ?? 0,
    url: link(null),
    isBuilt: page.isBuilt,
    link,
    async close() {
      withdraw?.();
      sockets.close();
      await work.pause();
      core.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
