import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../db/open.ts';

/** What images are compared by: the shipped backbone as it came, at the side that runs look at. */
export const featureBackbone = 'efficientnet-lite0';
export const featureSize = 96;
export const featureWidth = 256;
const rowBytes = 4 + 4 * featureWidth;

export const featureFile = ({ folder }: Pick<Project, 'folder'>): string =>
  join(folder, 'features', `${featureBackbone}-${featureSize}.f32`);

/** Features of images, each row of unit length. */
export interface Features {
  readonly ids: Int32Array;
  /** [ids.length, featureWidth] */
  readonly rows: Float32Array;
}

const none: Features = { ids: new Int32Array(0), rows: new Float32Array(0) };
const read = new WeakMap<Pick<Project, 'folder'>, { bytes: number; features: Features }>();

/** What was written so far. A row that is being written is not there yet; of two for one image the later counts. */
export function featuresOf(project: Pick<Project, 'folder'>): Features {
  const file = featureFile(project);
  if (!existsSync(file)) return none;
  const bytes = statSync(file).size;
  const known = read.get(project);
  if (known?.bytes === bytes) return known.features;
  const features = parseFeatures(readFileSync(file));
  read.set(project, { bytes, features });
  return features;
}

export function parseFeatures(data: Buffer): Features {
  const places = new Map<number, number>();
  for (let at = 0; at + rowBytes <= data.length; at += rowBytes) places.set(data.readInt32LE(at), at);
  const ids = Int32Array.from(places.keys());
  const rows = new Float32Array(ids.length * featureWidth);
  const bytes = new Uint8Array(rows.buffer);
  [...places.values()].forEach((at, row) => bytes.set(data.subarray(at + 4, at + rowBytes), row * 4 * featureWidth));
  return { ids, rows };
}
