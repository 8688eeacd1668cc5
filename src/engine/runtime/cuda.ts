import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { settingsFolder } from '../../files/settings-folder.ts';
import { neededBy } from './needed-libraries.ts';

/** Folder with ONNX Runtime's CUDA provider and the libraries of CUDA and cuDNN, named by the user. */
export const CUDA_FOLDER = 'ACCLIMATE_CUDA_FOLDER';

const CORE = 'libonnxruntime.so.1';
/** In the order in which they need each other. */
const PROVIDER = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const;
/** dlopen(3) of glibc: what was loaded stays, although Node closes what is no add-on. */
const RTLD_NODELETE = 0x1000;

function named(): string | undefined {
  const folder = process.env[CUDA_FOLDER];
  return folder ? resolve(folder) : undefined;
}
const lacking = (folder: string): string[] => PROVIDER.filter((name) => !existsSync(join(folder, name)));

function runtimeFolder(): string {
  const root = dirname(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')));
  return join(root, 'bin', 'napi-v6', process.platform, process.arch);
}

/** Why CUDA cannot be tried, in one sentence, with the files that are looked for. */
export function cudaMissing(): string | null {
  if (lacking(runtimeFolder()).length === 0) return null;
  const folder = named();
  if (folder === undefined)
    return `Its library ${PROVIDER[1]} is not installed; name the folder that holds it in ${CUDA_FOLDER}.`;
  const files = lacking(folder);
  return files.length === 0 ? null : `The folder that ${CUDA_FOLDER} names holds no ${files.join(' and no ')}.`;
}

/** Loads a library for good. @throws Error that names what could not be loaded, as the system says it */
function load(path: string): void {
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch (error) {
    if (error instanceof Error && /did not self-register/.test(error.message)) return;
    throw error;
  }
}

/** Where ONNX Runtime will look for its providers. */
let place = runtimeFolder;

/**
 * To be called before ONNX Runtime is loaded. It looks for its providers beside its own library and nowhere else, so
 * where the user named a folder it is loaded through a folder of links to itself and to the user's provider.
 */
export function placeCuda(): void {
  const folder = named();
  if (folder === undefined || lacking(folder).length > 0 || process.platform !== 'linux') return;
  const links = linksTo([join(runtimeFolder(), CORE), ...PROVIDER.map((name) => join(folder, name))]);
  if (links === undefined) return;
  load(join(links, CORE));
  place = () => links;
}

/** A folder of links to these files, the same for each process; undefined where it cannot be made. */
function linksTo(files: readonly string[]): string | undefined {
  const folder = join(
    settingsFolder(),
    'cuda',
    createHash('sha256').update(files.join('\0')).digest('hex').slice(0, 16),
  );
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const file of files) {
      const link = join(folder, basename(file));
      if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(file, link);
    }
    return folder;
  } catch {
    // CUDA alone is lost by it, and says so when it is opened.
    return undefined;
  }
}

/**
 * Loads what the provider needs, so that what is missing is told by its name: ONNX Runtime says only that it could not
 * be loaded. Libraries of CUDA are taken from the user's folder, else from where the system has them. The provider
 * itself is left to ONNX Runtime: while it loads it takes hold of its host, which has to be there by then.
 * @throws Error
 */
export function openCuda(): void {
  const folder = named();
  // ONNX Runtime lets cuDNN and cuBLAS round to TF32 unless told, and onnxruntime-node passes no such option on: ten
  // bits of fraction would fail the self-test.
  process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  // Each may need another one, so those that could not be loaded are tried again while there is progress.
  let pending =
    folder === undefined ? [] : readdirSync(folder).filter((name) => /^lib(?!onnxruntime).*\.so/.test(name));
  for (let before = Infinity; folder !== undefined && pending.length < before;) {
    before = pending.length;
    pending = pending.filter((name) => !loads(join(folder, name)));
  }
  const [shared, provider] = PROVIDER.map((name) => join(place(), name)) as [string, string];
  load(shared);
  for (const name of neededBy(provider)) load(name);
}

function loads(path: string): boolean {
  try {
    load(path);
    return true;
  } catch {
    return false;
  }
}
