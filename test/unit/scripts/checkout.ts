import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A temporary folder with a copy of the named parts of this repository and the given files; removed after the tests. */
export function makeCheckout(parts: readonly string[], files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-checkout-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** The environment of a user's terminal: nothing that npm or the test runner has set. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|ORT_|ACCLIMATE_)/i.test(name)),
  );
}

/** A Node on the PATH that is of major 20 to 23 or newer than 24, so that the launcher has to change it. */
export function otherNode(): string | undefined {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const candidates = (process.env['PATH'] ?? '').split(process.platform === 'win32' ? ';' : ':');
  return [...candidates, '/usr/bin', '/usr/local/bin']
    .map((folder) => join(folder, name))
    .find((path) => {
      const major = Number(/^v(\d+)\./.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1]);
      return major >= 20 && major !== 24;
    });
}
