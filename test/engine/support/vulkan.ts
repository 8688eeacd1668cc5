import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** Environment in which a process finds a Vulkan driver, or why there is none. */
export type Driver = { readonly env: NodeJS.ProcessEnv } | { readonly missing: string };

/** The driver that `VK_ICD_FILENAMES` names, or the software driver that comes with the browser of the page's tests. */
export function vulkanDriver(folder: string): Driver {
  if (process.env['VK_ICD_FILENAMES']) return { env: {} };
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return {
      missing: 'a software Vulkan driver comes with the browser for Linux x64 only, and VK_ICD_FILENAMES names none',
    };
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const places = [entry, dirname(entry), dirname(dirname(entry))].map((place) => dirname(place));
  const archive = places.map((place) => join(place, 'bin', 'swiftshader.tar.br')).find((path) => existsSync(path));
  if (archive === undefined) return { missing: 'the browser of the page’s tests brings no software Vulkan driver' };
  mkdirSync(folder, { recursive: true });
  spawnSync('tar', ['-x', '-C', folder], { input: brotliDecompressSync(readFileSync(archive)) });
  const description = join(folder, 'vk_swiftshader_icd.json');
  if (!existsSync(description)) return { missing: 'the software Vulkan driver could not be unpacked' };
  const path = [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return { env: { VK_ICD_FILENAMES: description, LD_LIBRARY_PATH: path } };
}
