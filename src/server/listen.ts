import { chmodSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { AppError } from '../contract/errors.ts';

export const LOOPBACK = '127.0.0.1';

/** Where the server listens: a port of this computer's own address, or a socket file that is its owner's alone. */
export type Place = { readonly port: number } | { readonly socket: string };

/** @throws AppError `server.port`, `server.socket` where another is there already */
export async function listen(server: Server, place: Place): Promise<number | undefined> {
  if ('port' in place) {
    await listening(server, () => server.listen(place.port, LOOPBACK), new AppError('server.port', { ...place }));
    return (server.address() as AddressInfo).port;
  }
  if (await answers(place.socket)) throw new AppError('server.socket');
  // Left by a server that was killed.
  if (process.platform !== 'win32') rmSync(place.socket, { force: true });
  // Nobody else may connect, not even for the moment before the mode is set.
  const before = process.umask(0o177);
  try {
    await listening(server, () => server.listen(place.socket), new AppError('server.socket'));
    if (process.platform !== 'win32') chmodSync(place.socket, 0o600);
  } finally {
    process.umask(before);
  }
  return undefined;
}

function listening(server: Server, start: () => void, taken: AppError): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(error.code === 'EADDRINUSE' ? taken : error);
    server.once('error', onError);
    server.once('listening', () => {
      server.removeListener('error', onError);
      resolve();
    });
    start();
  });
}

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => resolve((probe.destroy(), true)));
    probe.once('error', () => resolve(false));
  });
