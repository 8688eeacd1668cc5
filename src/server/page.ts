import { createReadStream, existsSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

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
  serve(pathname: string, response: ServerResponse): void;
}

/** The files of the built page; a name that leads out of its folder is not found. */
export function openPage(folder: string): Page {
  const isBuilt = existsSync(join(folder, 'index.html'));
  return {
    isBuilt,
    serve(pathname, response) {
      if (!isBuilt) {
        response.writeHead(pathname === '/' ? 200 : 404, { 'Content-Type': types['.html'] });
        return void response.end(pathname === '/' ? notBuilt : '');
      }
      const path = resolveInside(folder, pathname);
      if (path === undefined) return void response.writeHead(404).end();
      response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' });
      createReadStream(path)
        .on('error', () => response.destroy())
        .pipe(response);
    },
  };
}

function resolveInside(folder: string, pathname: string): string | undefined {
  try {
    const name = decodeURIComponent(pathname === '/' ? '/index.html' : pathname);
    const path = normalize(join(folder, name));
    return path.startsWith(normalize(folder) + sep) && statSync(path).isFile() ? path : undefined;
  } catch {
    // No such file, or a name that cannot be one.
    return undefined;
  }
}
