import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { z } from 'zod';

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}
type Headers = Record<string, string>;

/** What a browser does with a server, and what an attacker does: every header is ours to forge. */
export interface Browser {
  readonly ours: { host: string; origin: string };
  ask(path: string, headers?: Headers, body?: string): Promise<Answer>;
  /** Opens a link: what the page keeps of it. */
  follow(url: string, headers?: Headers): Promise<Visitor>;
  /** 101, or the status of the refusal. The socket is left open. */
  upgrade(path: string, headers: Headers, protocols: string[]): Promise<{ status: number; socket: WebSocket }>;
}
export interface Visitor {
  readonly cookie: string;
  readonly secret: string;
}

export const tokenOf = (url: string): string => new URL(url).hash.replace('#token=', '');

/** `to`: a port, or a socket file. */
export function browser(to: number | string): Browser {
  const port = typeof to === 'number' ? to : 8000;
  const place = typeof to === 'number' ? { host: '127.0.0.1', port: to } : { socketPath: to };
  const ours = { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` };

  const ask: Browser['ask'] = async (path, headers = ours, body) => {
    const sent = request({ ...place, path, headers, method: body === undefined ? 'GET' : 'POST', agent: false });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() };
  };
  return {
    ours,
    ask,
    async follow(url, headers = ours) {
      const { headers: answer, body } = await ask('/session', headers, JSON.stringify({ token: tokenOf(url) }));
      const { secret } = z.object({ secret: z.string() }).parse(JSON.parse(body));
      return { cookie: answer['set-cookie']![0]!.split(';')[0]!, secret };
    },
    async upgrade(path, headers, protocols) {
      const address = typeof to === 'number' ? `ws://127.0.0.1:${port}${path}` : `ws+unix://${to}:${path}`;
      const socket = new WebSocket(address, protocols, { headers });
      socket.on('error', () => undefined);
      const status = await new Promise<number>((resolve) => {
        socket.on('open', () => resolve(101));
        socket.on('unexpected-response', (sent, { statusCode }) => resolve((sent.destroy(), statusCode!)));
      });
      return { status, socket };
    },
  };
}

export const protocolsOf = ({ secret }: Visitor): string[] => ['acclimate', `key.${secret}`];
