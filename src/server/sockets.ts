import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Seat } from '../contract/seat.ts';
import { relay } from '../rpc/relay.ts';
import { webSocketPort } from '../rpc/transports.ts';
import type { Port } from '../rpc/types.ts';
import type { Session, Sessions } from './sessions.ts';

/** From a client; what core sends has no such bound. */
const MAX_FRAME_BYTES = 1 << 20;
const MAX_SOCKETS = 32;
/** A page that answers no ping for so long is gone, whatever its connection says. */
const BEAT_MILLISECONDS = 30_000;
const PROTOCOL = 'acclimate';
const POLICY_VIOLATION = 1008;

export interface Sockets {
  /** Opens a page's connection to core; `isAllowed` says what is known of the request apart from its session. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, isAllowed: boolean): void;
  close(): void;
}

/** The page's second secret, which only script of our own page knows; it is no header that a form or picture can send. */
function secretOf({ headers }: IncomingMessage): string {
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const key = protocols.find((name) => name.startsWith('key.'));
  return protocols.includes(PROTOCOL) && key !== undefined ? key.slice('key.'.length) : '';
}

export function openSockets(
  sessions: Sessions,
  openPort: (seat: Seat) => Port,
  beatMilliseconds = BEAT_MILLISECONDS,
): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, handleProtocols: () => PROTOCOL });
  const open = new Map<WebSocket, { readonly session: Session; answered: boolean }>();

  const beat = setInterval(() => {
    for (const [socket, state] of open) {
      if (!sessions.isAlive(state.session)) socket.close(POLICY_VIOLATION);
      else if (!state.answered) socket.terminate();
      state.answered = false;
      socket.ping();
    }
  }, beatMilliseconds);
  beat.unref();

  const refuse = (socket: Duplex, status: string): void =>
    void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);

  return {
    upgrade(request, socket, head, isAllowed) {
      socket.on('error', () => socket.destroy());
      const session = isAllowed ? sessions.find(secretOf(request), request.headers.cookie) : undefined;
      if (session === undefined) return refuse(socket, '403 Forbidden');
      if (open.size >= MAX_SOCKETS) return refuse(socket, '503 Service Unavailable');
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const state = { session, answered: true };
        open.set(webSocket, state);
        sessions.touch(session);
        webSocket.on('close', () => open.delete(webSocket));
        webSocket.on('error', () => webSocket.terminate());
        webSocket.on('pong', () => (state.answered = true));
        webSocket.on('message', () => sessions.touch(session));
        relay(webSocketPort(webSocket), openPort(session.seat));
      });
    },
    close() {
      clearInterval(beat);
      open.forEach((_state, webSocket) => webSocket.terminate());
    },
  };
}
