import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  win32: ['cmd', '/c', 'start', ''],
  darwin: ['open'],
};

/**
 * Opens a link in the user's browser. Arguments of a process can be read by everybody on the computer, so the browser
 * is given a file of the owner's that leads there. Returns how to remove it.
 */
export function openPage(url: string): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-open-'));
  const file = join(folder, 'acclimate.html');
  const html = `<!doctype html><meta charset="utf-8"><title>Acclimate</title><meta http-equiv="refresh" content="0;url=${url}">`;
  writeFileSync(file, html, { mode: 0o600 });
  const [command = '', ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, pathToFileURL(file).href], { stdio: 'ignore', detached: true });
  // Without a browser the printed link is there.
  child.on('error', () => undefined);
  child.unref();
  return () => rmSync(folder, { recursive: true, force: true });
}
