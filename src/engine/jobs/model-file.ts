import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { regimeSchema, type RegimeName } from '../../contract/run-files.ts';
import { stripPrefix, withPrefix } from '../nn/tree.ts';
import { fittedColumnSchema } from '../regimes/columns.ts';
import { headOf, headTree } from '../regimes/probe.ts';
import { readSafetensors, writeSafetensors } from '../weights/safetensors.ts';
import type { Model } from './train.ts';

/** Class names, in the order of the head's outputs, for whoever uses the file alone. */
export async function writeModel(path: string, model: Model, classes: readonly string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeSafetensors(
    path,
    { ...headTree(model.head), ...(model.backbone ? withPrefix(model.backbone, 'backbone.') : {}) },
    {
      regime: model.regime,
      classes: JSON.stringify(classes),
      ...(model.columns.length > 0 && { columns: JSON.stringify(model.columns) }),
    },
  );
}

/** @throws AppError `weights.not-found`, `weights.format` */
export async function readModel(path: string): Promise<Model> {
  const { tensors, metadata } = await readSafetensors(path);
  const backbone = stripPrefix(tensors, 'backbone.');
  return {
    regime: regimeSchema.parse(metadata['regime']),
    head: headOf(tensors),
    backbone: Object.keys(backbone).length > 0 ? backbone : null,
    columns: z.array(fittedColumnSchema).parse(JSON.parse(metadata['columns'] ?? '[]')),
  };
}

/** Probabilities [ids.length, classes]; the regime is kept beside them. Nothing in the file tells the arm. */
export async function writePredictions(
  path: string,
  ids: ArrayLike<number>,
  probabilities: Float32Array,
  regime: RegimeName,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const rows = ids.length;
  const columns = rows > 0 ? probabilities.length / rows : 0;
  await writeSafetensors(
    path,
    {
      ids: { shape: [rows], dtype: 'int32', data: Int32Array.from(ids) },
      probabilities: { shape: [rows, columns], dtype: 'float32', data: probabilities },
    },
    { regime },
  );
}

/** The regime behind a file of predictions, or null where the file is not there. */
export async function predictionsRegime(path: string): Promise<RegimeName | null> {
  const file = await readSafetensors(path).catch(() => null);
  return file ? z.nullable(regimeSchema).parse(file.metadata['regime'] ?? null) : null;
}
