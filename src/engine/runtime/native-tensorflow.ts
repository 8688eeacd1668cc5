import { createRequire } from 'node:module';
import util from 'node:util';

export interface NativeTensorflow {
  readonly name: string;
  readonly backend: 'tensorflow';
}

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
/** TF.js calls two functions that Node 23 removed. */
const removed = { isNullOrUndefined: (x: unknown) => x === null || x === undefined, isArray: Array.isArray };

/** The optional native TF.js, where one is installed and opens; else null. */
export async function nativeTensorflow(): Promise<NativeTensorflow | null> {
  const require = createRequire(import.meta.url);
  for (const name of PACKAGES) {
    try {
      require.resolve(name);
    } catch {
      continue;
    }
    Object.assign(util, { ...removed, ...util });
    try {
      require(name);
      return { name, backend: 'tensorflow' };
    } catch {
      continue;
    }
  }
  return null;
}
