import Database from 'better-sqlite3';
import packageJson from '../../../package.json' with { type: 'json' };
import { knownVersion } from '../db/schema.ts';

/** Of this program and what it runs on. */
export function versions(): Record<string, string> {
  const { node, electron } = process.versions;
  const memory = new Database(':memory:');
  try {
    return {
      acclimate: packageJson.version,
      database: String(knownVersion),
      sqlite: String(memory.prepare(`SELECT sqlite_version()`).pluck().get()),
      node,
      ...(electron === undefined ? {} : { electron }),
      system: `${process.platform} ${process.arch}`,
    };
  } finally {
    memory.close();
  }
}

/** Of the packages that compute: pinned, so the program's own version fixes them. */
export const engineVersions = (): Record<string, string> => {
  const { '@tensorflow/tfjs': tfjs, 'onnxruntime-node': onnxruntime, sharp } = packageJson.dependencies;
  return { tfjs, onnxruntime, sharp };
};
