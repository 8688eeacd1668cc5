import { realpathSync, statfsSync } from 'node:fs';
import { basename, dirname, join, relative, isAbsolute, sep } from 'node:path';

/** Magic numbers of statfs(2) for file systems that several computers can mount. */
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x517b, 'smb'],
  [0x564c, 'ncp'],
  [0x65735546, 'fuse'],
  [0x01021997, '9p'],
  [0x0bd00bd0, 'lustre'],
  [0x47504653, 'gpfs'],
  [0x19830326, 'beegfs'],
  [0x00c36400, 'ceph'],
  [0x5346414f, 'afs'],
]);

/** A folder that is taken for one on a network, so that what follows can be seen and tested where none is mounted. */
const pretended = process.env['ACCLIMATE_NETWORK_FOLDER'];

/** Name of the network file system a folder is on, or null on a local disk. */
export function networkFileSystem(folder: string): string | null {
  if (pretended !== undefined && isInside(resolvedPath(folder), resolvedPath(pretended))) return 'pretended';
  // Windows: a UNC path is a share. A drive letter of a share can't be told from here.
  if (folder.startsWith('\\\\')) return 'share';
  return networkTypes.get(Number(statfsSync(folder).type) >>> 0) ?? null;
}

/** The path with links resolved, also where its last parts don't exist yet. */
export function resolvedPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(resolvedPath(parent), basename(path));
  }
}

/** Whether `inner` is `outer` or lies below it. Both resolved. */
export function isInside(inner: string, outer: string): boolean {
  const way = relative(outer, inner);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
