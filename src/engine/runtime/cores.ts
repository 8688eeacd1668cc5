import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const SYSTEM = '/sys/devices/system/cpu';

/**
 * Cores this process may use: threads of one core share its arithmetic, and a second one there only takes cache and
 * the place of whoever works beside us. Where the system does not tell them apart (Windows), every thread counts.
 */
export function physicalCores(): number {
  const most = availableParallelism();
  return Math.max(1, Math.min(most, counted() ?? most));
}

function counted(): number | null {
  try {
    if (process.platform === 'linux') {
      const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
      return linuxCores(SYSTEM, allowed);
    }
    if (process.platform === 'darwin') return Number(execFileSync('sysctl', ['-n', 'hw.physicalcpu'])) || null;
  } catch {
    // A sandbox hides it.
  }
  return null;
}

/**
 * Cores behind the threads of `allowed`, a list such as `0-3,8`.
 * @param folder where Linux describes its processors
 */
export function linuxCores(folder: string, allowed: string): number | null {
  const may = new Set(
    allowed.match(/[\d-]+/g)?.flatMap((part) => {
      const [first = NaN, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    }),
  );
  const cores = new Set<string>();
  for (const name of readdirSync(folder)) {
    const number = /^cpu(\d+)$/.exec(name)?.[1];
    if (number === undefined || !may.has(Number(number))) continue;
    cores.add(readFileSync(join(folder, name, 'topology', 'thread_siblings_list'), 'utf8').trim());
  }
  return cores.size > 0 ? cores.size : null;
}
