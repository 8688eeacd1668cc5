// `npm run sbom [-- FILE]`: the software bill of materials (CycloneDX) of the product, made by npm from the lock file,
// with the weights that ship.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameOf, productPackages } from './dependencies.mjs';
import { root } from './node24.mjs';

const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
const result = spawnSync('npm', args, {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
  shell: process.platform === 'win32',
});
if (result.status !== 0) {
  process.stderr.write(`${result.stderr ?? ''}npm could not make the bill of materials.\n`);
  process.exit(1);
}
const bill = JSON.parse(result.stdout);
// npm names it after the folder it lies in.
bill.metadata.component.name = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name;
// What is built with stays where it was built. `--omit=dev` of npm would leave `vue` out, a peer of build tools too.
const product = new Set([...productPackages()].map(([path, { version }]) => `${nameOf(path)}@${version}`));
bill.components = bill.components.filter(({ 'bom-ref': reference }) => product.has(reference));
const known = new Set([bill.metadata.component['bom-ref'], ...product]);
bill.dependencies = bill.dependencies
  .filter(({ ref }) => known.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((reference) => known.has(reference)) }));
const { weights } = JSON.parse(readFileSync(join(root, 'resources', 'backbones', 'manifest.json'), 'utf8'));
for (const { backbone, file, sha256, licence, source } of weights) {
  bill.components.push({
    'bom-ref': `weights/${file}`,
    type: 'machine-learning-model',
    name: backbone,
    description: source,
    hashes: [{ alg: 'SHA-256', content: sha256 }],
    licenses: [{ license: { name: licence } }],
  });
}

const text = `${JSON.stringify(bill, null, 2)}\n`;
const [file] = process.argv.slice(2);
if (file === undefined) process.stdout.write(text);
else writeFileSync(file, text);
