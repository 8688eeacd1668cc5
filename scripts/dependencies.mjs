// What the product is made of: the packages that `dependencies` lead to, by the lock file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node24.mjs';

/** Where a package that is asked for by the one at `from` lies, as Node looks for it. */
function locate(packages, from, name) {
  for (let folder = from; ; folder = folder.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
    const path = `${folder && `${folder}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (folder === '') return undefined;
  }
}

/** Paths of all packages that run with the product, other platforms' among them; peers only where they are installed for it. */
export function productPackages(folder = root) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const found = new Map();
  const waiting = [['', packages['']]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [from, entry] = next;
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      const path = locate(packages, from, name);
      if (path === undefined || found.has(path)) continue;
      found.set(path, packages[path]);
      waiting.push([path, packages[path]]);
    }
  }
  return found;
}

export const nameOf = (path) => path.replace(/^.*node_modules\//, '');
