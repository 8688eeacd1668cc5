import { createReadStream, existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { bare, type Answer } from './answer.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
const html = { 'Content-Type': 'text/html; charset=utf-8' };

const notBuilt = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Acclimate</title></head>
<body><h1>The page is not built yet</h1>
<p>Build it once in the folder of Acclimate, then reload:</p>
<pre>npm run build</pre>
<p>Everything works from the terminal meanwhile: <code>npx acclimate --help</code></p>
</body></html>
`;

export interface Page {
  readonly isBuilt: boolean;
  /** `nonce` is told to the page, for the style elements it makes. */
  answer(pathname: string, nonce: string): Promise<Answer>;
}

/** The files of the built page; a name that leads out of its folder is not found. */
export function openPage(folder: string): Page {
  const index = join(folder, 'index.html');
  const isBuilt = existsSync(index);
  return {
    isBuilt,
    async answer(pathname, nonce) {
      if (!isBuilt) return pathname === '/' ? { status: 200, headers: html, body: Buffer.from(notBuilt) } : bare(404);
      const path = resolveInside(folder, pathname === '/' ? '/index.html' : pathname);
      if (path === undefined) return bare(404);
      if (path === normalize(index)) {
        const text = await readFile(path, 'utf8');
        const told = text.replace(/(<meta property="csp-nonce" nonce=)"[^"]*"/, `$1"${nonce}"`);
        return { status: 200, headers: html, body: Buffer.from(told) };
      }
      const type = types[extname(path)] ?? 'application/octet-stream';
      return { status: 200, headers: { 'Content-Type': type }, body: createReadStream(path) };
    },
  };
}

function resolveInside(folder: string, pathname: string): string | undefined {
  try {
    const path = normalize(join(folder, decodeURIComponent(pathname)));
    return path.startsWith(normalize(folder) + sep) && statSync(path).isFile() ? path : undefined;
  } catch {
    // No such file, or a name that cannot be one.
    return undefined;
  }
}
