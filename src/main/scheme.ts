import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Protocol } from 'electron';
import type { CoreCalls, CoreEvents } from '../contract/core-calls.ts';
import { bare, securityHeaders, type Answer } from '../processes/answer.ts';
import { openPage } from '../processes/page.ts';
import { answerData, isData } from '../processes/pictures.ts';
import type { Client } from '../rpc/types.ts';

const pageScheme = 'acclimate';
const pageHost = 'app';
export const pageOrigin = `${pageScheme}://${pageHost}`;

/** Must run before the app is ready. */
export function claimScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/** The built page, and the same addresses of pictures as the server has. Nothing else is behind the scheme. */
export function servePage(
  protocol: Pick<Protocol, 'handle'>,
  folder: string,
  core: Pick<Client<CoreCalls, CoreEvents>, 'call'>,
): void {
  const page = openPage(folder);
  protocol.handle(pageScheme, async ({ url, method, signal }) => {
    const nonce = randomBytes(16).toString('base64');
    const { host, pathname } = new URL(url);
    const find = (): Promise<Answer> =>
      isData(pathname) ? answerData(core, pathname, signal) : page.answer(pathname, nonce);
    return respond(host === pageHost && method === 'GET' ? await find() : bare(404), nonce);
  });
}

function respond({ status, headers, body }: Answer, nonce: string): Response {
  const content = body === undefined || body instanceof Uint8Array ? body : Readable.toWeb(Readable.from(body));
  return new Response((content ?? null) as BodyInit | null, {
    status,
    headers: { ...securityHeaders(nonce), ...headers },
  });
}
