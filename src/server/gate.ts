import type { IncomingMessage } from 'node:http';

/**
 * Whether a request names this server itself, so that no other name was made to point here. `port` is undefined on a
 * socket file: the port of the tunnel that leads to it is the user's.
 */
export function isOurHost({ headers }: IncomingMessage, port: number | undefined): boolean {
  const given = /^(?:127\.0\.0\.1|localhost):(\d{1,5})$/.exec(headers.host ?? '')?.[1];
  return given !== undefined && (port === undefined || given === String(port));
}

/** Whether our own page sent it: browsers say so with everything but plain loads. */
export const isOurOrigin = ({ headers }: IncomingMessage): boolean => headers.origin === `http://${headers.host}`;

/** Whether a plain load, as of a picture, is for another's page: browsers say so too. */
export const isForeign = ({ headers }: IncomingMessage): boolean =>
  !['same-origin', 'none', undefined].includes(headers['sec-fetch-site'] as string | undefined);
