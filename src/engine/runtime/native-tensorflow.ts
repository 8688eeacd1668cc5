import { createRequire } from 'node:module';
import util from 'node:util';
import { padForNative } from './native-padding.ts';

/** The native backend's name, in TF.js and among what `doctor` lists. */
export const NATIVE = 'tensorflow';

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
const require = createRequire(import.meta.url);

/** What the packages call and Node took out (23) or warns about. */
const replaced = { isNullOrUndefined: (x: unknown) => x === null || x === undefined, isArray: Array.isArray };

export interface NativeTensorflow {
  /** The package that opened; null where none did. */
  readonly name: string | null;
  /** Why those that are installed do not open; null where one opened or none is installed. */
  readonly problem: string | null;
}

/** The optional packages that are installed, in the order they are tried. */
export function installedNative(): string[] {
  return PACKAGES.filter((name) => {
    try {
      return require.resolve(name) !== '';
    } catch {
      return false;
    }
  });
}

function open(): NativeTensorflow {
  const problems: string[] = [];
  for (const name of installedNative()) {
    try {
      Object.assign(util, replaced);
      require(name);
      padForNative(NATIVE);
      return { name, problem: null };
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { name: null, problem: problems.join('; ') || null };
}

let opened: NativeTensorflow | undefined;

/** Opens the optional native TF.js, once per process. Where one opens, TF.js has its backend. */
export const nativeTensorflow = (): NativeTensorflow => (opened ??= open());
