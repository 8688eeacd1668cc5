import { portMessage } from '../../contract/bridge.ts';
import { coreCalls, coreEvents, type CoreCalls, type CoreEvents } from '../../contract/core-calls.ts';
import { connect } from '../../rpc/connect.ts';
import { messagePort, webSocketPort } from '../../rpc/transports.ts';
import type { Client, Port } from '../../rpc/types.ts';

export type Core = Client<CoreCalls, CoreEvents>;

/** Opens the one connection to core: over a message port in the desktop window, over a WebSocket in a browser. */
export async function openCore(onClosed: () => void): Promise<Core> {
  const port = window.acclimate ? await portOfWindow(window.acclimate.requestPort) : await portOfServer();
  port.onClose(onClosed);
  return connect(coreCalls, coreEvents, port);
}

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

/** The address carries a token once; it is exchanged for a cookie and removed from the address. */
async function portOfServer(): Promise<Port> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) {
    await fetch('/session', { method: 'POST', body: JSON.stringify({ token }) });
    history.replaceState(null, '', location.pathname);
  }
  return webSocketPort(new WebSocket(`${location.origin.replace(/^http/, 'ws')}/rpc`));
}
