import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes, gzipped, of the scripts and style sheets the page loads before its first screen. */
export function bundleBytes(page: string): number {
  const html = readFileSync(join(page, 'index.html'), 'utf8');
  const first = [...html.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+\.(?:js|css))"/g)].map(([, file]) => file!);
  const seen = new Set<string>();
  let bytes = 0;
  const take = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(join(page, file));
    bytes += gzipSync(text).length;
    // What a script imports at once is loaded with it; what it imports on demand is not.
    for (const [, imported] of text.toString().matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
      take(`assets/${imported}`);
  };
  first.forEach(take);
  return bytes;
}
