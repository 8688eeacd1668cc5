import type { CoreCalls, CoreEvents } from '../contract/core-calls.ts';
import { AppError, type ErrorCode } from '../contract/errors.ts';
import type { Client } from '../rpc/types.ts';
import { bare, type Answer } from './answer.ts';

type Core = Pick<Client<CoreCalls, CoreEvents>, 'call'>;

const key = '([\\w-]{1,64})';
const addresses = {
  image: new RegExp(`^/image/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(\\d{1,15})/(thumb|view)/${key}$`),
  preview: new RegExp(`^/preview/${key}$`),
  export: new RegExp(`^/export/${key}$`),
};
const pictureTypes = new Set(['image/webp', 'image/jpeg', 'image/png', 'image/avif']);

/** Said by its number alone; a picture that cannot be shown is explained where its details are. */
const statuses: Partial<Record<ErrorCode, number>> = {
  'image.key': 403,
  'image.unknown': 404,
  'image.unreadable': 404,
  'project.unknown': 404,
  'project.missing': 404,
  'process.died': 503,
};

/** Whether an address is one of these at all. */
export const isData = (pathname: string): boolean => /^\/(?:image|preview|export)(?:\/|$)/.test(pathname);

/**
 * What core makes for addresses: pictures by the key that core gave out with the image, and exports by their token.
 * A signal that is aborted takes the request back from core.
 */
export async function answerData(core: Core, pathname: string, signal: AbortSignal): Promise<Answer> {
  try {
    return await find(core, pathname, signal);
  } catch (error) {
    return bare(statuses[AppError.from(error).code] ?? 500);
  }
}

async function find(core: Core, pathname: string, signal: AbortSignal): Promise<Answer> {
  const image = addresses.image.exec(pathname);
  if (image) {
    const [, project, id, kind, imageKey] = image as unknown as [string, string, string, 'thumb' | 'view', string];
    return picture(await core.call('images.bytes', { project, image: Number(id), kind, key: imageKey }, { signal }));
  }
  const preview = addresses.preview.exec(pathname)?.[1];
  if (preview !== undefined) return picture(await core.call('images.preview', { key: preview }, { signal }));
  const token = addresses.export.exec(pathname)?.[1];
  if (token !== undefined) return exported(core, token, signal);
  return bare(404);
}

function picture({ type, bytes }: { type: string; bytes: Uint8Array }): Answer {
  if (!pictureTypes.has(type)) throw new AppError('internal', { reason: 'a picture of no known type' });
  return {
    status: 200,
    // The key is in the address, so what is behind it never changes.
    headers: {
      'Content-Type': type,
      'Content-Length': String(bytes.length),
      'Cache-Control': 'private, max-age=31536000, immutable',
    },
    body: bytes,
  };
}

async function exported(core: Core, token: string, signal: AbortSignal): Promise<Answer> {
  const first = await core.call('exports.read', { token, at: 0 }, { signal });
  const { name, total } = first;
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(total),
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`,
    },
    body: (async function* () {
      let { bytes } = first;
      for (let at = 0; at < total && bytes.length > 0;) {
        yield bytes;
        at += bytes.length;
        if (at < total) ({ bytes } = await core.call('exports.read', { token, at }, { signal }));
      }
    })(),
  };
}
