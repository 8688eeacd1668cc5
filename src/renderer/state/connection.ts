import { portMessage } from '../../contract/bridge.ts';
import { messagePort, webSocketPort } from '../../rpc/transports.ts';
import type { Port } from '../../rpc/types.ts';
import { z } from 'zod';

const secretKey = 'acclimate-session';
const sessionSchema = z.object({ secret: z.string() });

// Taken when this file is first imported: before the router reads the address.
let token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token !== null) history.replaceState(null, '', `${location.pathname}#/`);

/** Why there is no connection: nothing answers, or this page may not connect (any more). */
export class NoConnection extends Error {
  readonly forbidden: boolean;

  constructor(forbidden: boolean) {
    super('no connection');
    this.forbidden = forbidden;
  }
}

/** Opens a port to core: over a message port in the desktop window, over a WebSocket in a browser. */
export const openPort = (): Promise<Port> =>
  window.acclimate ? portOfWindow(window.acclimate.requestPort) : portOfServer();

function portOfWindow(request: () => void): Promise<Port> {
  return new Promise((resolve) => {
    const receive = (event: MessageEvent): void => {
      const [port] = event.ports;
      if (event.source !== window || event.data !== portMessage || port === undefined) return;
      window.removeEventListener('message', receive);
      resolve(messagePort(port));
    };
    window.addEventListener('message', receive);
    request();
  });
}

/**
 * The address carries a token once. It is exchanged for a cookie and a second secret, which this tab keeps and sends
 * with its socket, and is wiped from the address.
 */
async function portOfServer(): Promise<Port> {
  if (token !== null) {
    const once = token;
    token = null;
    await exchange(once);
  }
  const secret = sessionStorage.getItem(secretKey);
  if (secret === null) throw new NoConnection(true);
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/rpc`, ['acclimate', `key.${secret}`]);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => void isForbidden(secret).then((is) => reject(new NoConnection(is))), {
      once: true,
    });
  });
  return webSocketPort(socket);
}

/** A browser does not say why a socket was refused: whether this tab's session has ended is asked for. */
async function isForbidden(secret: string): Promise<boolean> {
  const response = await fetch('/session', { method: 'POST', body: JSON.stringify({ secret }) }).catch(() => undefined);
  return response?.status === 403;
}

async function exchange(token: string): Promise<void> {
  const response = await fetch('/session', { method: 'POST', body: JSON.stringify({ token }) });
  // A token that was used before still leaves the session of this tab.
  if (!response.ok) {
    if (sessionStorage.getItem(secretKey) === null) throw new NoConnection(true);
    return;
  }
  sessionStorage.setItem(secretKey, sessionSchema.parse(await response.json()).secret);
}
