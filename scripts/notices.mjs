// Licences of what the product is made of: `notices.json` of the page, and on the terminal.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nameOf, productPackages } from './dependencies.mjs';
import { root } from './node24.mjs';

const texts = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:licen[cs]e|copying|notice)/i.test(entry.name))
    .map(({ name }) => name)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').trim())
    .join('\n\n');

const licenceOf = ({ license, licenses }) =>
  typeof license === 'string'
    ? license
    : (license?.type ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'see text');

function noticeOf(path) {
  const folder = join(root, path);
  const described = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name: nameOf(path), version: described.version, licence: licenceOf(described), text: texts(folder) };
}

/** One entry for each package that is installed here, by name; the product's own notice first. */
export function notices() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const own = { name: 'Acclimate', version, licence: 'Apache-2.0', text: readFileSync(join(root, 'NOTICE'), 'utf8') };
  // Electron is no dependency of the terminal and the server, but it is what a window is made of.
  const paths = [...productPackages().keys(), 'node_modules/electron'].filter((path) => existsSync(join(root, path)));
  return [own, ...paths.map(noticeOf).sort((one, other) => one.name.localeCompare(other.name))];
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(notices(), null, 2)}\n`);
}
