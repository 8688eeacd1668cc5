import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { AppError } from '../contract/errors.ts';
import { ownSeat } from '../contract/seat.ts';
import { relay } from '../rpc/relay.ts';
import { webSocketPort } from '../rpc/transports.ts';
import type { Host } from './host.ts';
import { openPage, type Page } from './page.ts';

const LOOPBACK = '127.0.0.1';
const MAX_FRAME_BYTES = 1 << 20;
const MAX_BODY_BYTES = 1 << 10;

const securityHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
} as const;

export interface HttpOptions {
  host: Pick<Host, 'openPort'>;
  /** 0 takes a free one. */
  port: number;
  /** Folder of the built page. */
  pageFolder?: string;
}

export interface Http {
  readonly port: number;
  /** With the token in the fragment, which no browser sends or logs. */
  readonly url: string;
  readonly isBuilt: boolean;
  close(): Promise<void>;
}

const sessionSchema = z.object({ token: z.string().max(200) });

function same(given: string, wanted: string): boolean {
  const one = Buffer.from(given);
  const other = Buffer.from(wanted);
  return one.length === other.length && timingSafeEqual(one, other);
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > MAX_BODY_BYTES) throw new RangeError('body too long');
  }
  return body;
}

/**
 * The app for a browser on this computer: the built page, and the contract over a WebSocket. Only loopback, only
 * requests that name this address themselves, and only with the cookie the token was exchanged for.
 */
export async function startHttp(options: HttpOptions): Promise<Http> {
  const token = randomBytes(32).toString('base64url');
  const session = randomBytes(32).toString('base64url');
  const pageFolder = options.pageFolder ?? fileURLToPath(new URL('../../out/renderer', import.meta.url));
  const page: Page = openPage(pageFolder);
  let port = options.port;

  const cookieName = (): string => `acclimate-${port}`;
  const isOurHost = ({ headers }: IncomingMessage): boolean =>
    headers.host === `${LOOPBACK}:${port}` || headers.host === `localhost:${port}`;
  const isOurOrigin = ({ headers }: IncomingMessage): boolean => headers.origin === `http://${headers.host}`;
  const hasSession = ({ headers }: IncomingMessage): boolean =>
    (headers.cookie ?? '')
      .split(';')
      .map((cookie) => cookie.trim().split('='))
      .some(([name, value]) => name === cookieName() && same(value ?? '', session));

  const openSession = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOurOrigin(request)) return void response.writeHead(403).end();
    let given: string | undefined;
    try {
      given = sessionSchema.parse(JSON.parse(await readBody(request))).token;
    } catch {
      return void response.writeHead(400).end();
    }
    if (!same(given, token)) return void response.writeHead(403).end();
    response.setHeader('Set-Cookie', `${cookieName()}=${session}; HttpOnly; SameSite=Strict; Path=/`);
    response.writeHead(204).end();
  };

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (!isOurHost(request)) return void response.writeHead(403).end();
    const pathname = URL.parse(request.url ?? '/', `http://${LOOPBACK}`)?.pathname;
    if (pathname === undefined) return void response.writeHead(400).end();
    if (request.method === 'POST' && pathname === '/session') return void openSession(request, response);
    if (request.method !== 'GET') return void response.writeHead(405).end();
    page.serve(pathname, response);
  });

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const isAllowed = request.url === '/rpc' && isOurHost(request) && isOurOrigin(request) && hasSession(request);
    if (!isAllowed) return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      relay(webSocketPort(webSocket), options.host.openPort(ownSeat));
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new AppError('server.port', { port }) : error),
    );
    server.listen(options.port, LOOPBACK, resolve);
  });
  port = (server.address() as AddressInfo).port;

  return {
    port,
    url: `http://${LOOPBACK}:${port}/#token=${token}`,
    isBuilt: page.isBuilt,
    async close() {
      sockets.clients.forEach((webSocket) => webSocket.terminate());
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
