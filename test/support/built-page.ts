import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Folder of the built page. Built once for the sources as they are: test files that run side by side, and later runs,
 * take what is there.
 */
export function builtPage(): string {
  const sources = globSync(
    [
      'src/{renderer,contract,rpc,charts,findings,locales,statistics,preload,main}/**',
      'electron.vite.config.ts',
      'package-lock.json',
    ],
    {
      cwd: root,
    },
  );
  const hash = createHash('sha256');
  for (const file of sources.sort()) {
    const { mtimeMs, size } = statSync(join(root, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  const built = join(tmpdir(), `acclimate-page-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(built)) return join(built, 'renderer');
  const making = `${built}.${process.pid}`;
  const builder = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
  const args = [builder, 'build', '--outDir', making, '--logLevel', 'error'];
  const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  assert.equal(result.status, 0, `${result.stdout}${result.stderr}`);
  mkdirSync(making, { recursive: true });
  try {
    renameSync(making, built);
  } catch {
    // Another test file was faster.
    rmSync(making, { recursive: true, force: true });
  }
  return join(built, 'renderer');
}

// What a whole run of the tests begins with.
if (process.argv[1] === fileURLToPath(import.meta.url)) builtPage();
