import { z } from 'zod';
import type { Catalogue } from '../../../contract/catalogue.ts';
import { regimeNames } from '../../../contract/run-files.ts';
import { runOptionsSchema, type Plan } from '../../../contract/runs.ts';

/** Settings of a run that experts may set; the rest follows from how thorough it is. */
export const expertSchema = runOptionsSchema
  .pick({
    method: true,
    backbone: true,
    regime: true,
    views: true,
    epochs: true,
    batch: true,
    size: true,
    seeds: true,
    draws: true,
    shots: true,
    fraction: true,
    columns: true,
    maxImages: true,
    engine: true,
    auxiliary: true,
    auxiliaryWeight: true,
    tuneStatistics: true,
    layerDecay: true,
    testTimeAugmentation: true,
    methodSettings: true,
  })
  .strict();
export type Expert = z.infer<typeof expertSchema>;
type Value = string | number | boolean | readonly string[];

export interface Choice {
  readonly value: string;
  readonly summary: string;
  readonly refused?: 'weights' | 'statistics';
  /** Of a backbone: said in words of its family. */
  readonly model?: { readonly family: string; readonly side: number };
}

export interface Field {
  /** `methodSettings.<name>` for what belongs to the method. */
  readonly key: string;
  /** `several`: any of the choices, as a list. */
  readonly kind: 'choice' | 'number' | 'switch' | 'several';
  readonly standard: Value | null;
  readonly choices?: readonly Choice[];
  readonly range?: readonly [number, number];
  readonly whole?: boolean;
  readonly unit?: string;
}

const inMethod = 'methodSettings.';
const rangeOf = (key: keyof typeof runOptionsSchema.shape): readonly [number, number] => {
  const inner = z.toJSONSchema(runOptionsSchema.shape[key]) as {
    minimum?: number;
    exclusiveMinimum?: number;
    maximum?: number;
  };
  const low = inner.minimum ?? (inner.exclusiveMinimum ?? 0) + 1;
  const high = inner.maximum ?? Number.MAX_SAFE_INTEGER;
  return [low, high === Number.MAX_SAFE_INTEGER ? 1_000_000 : high];
};

/** Every field of the drawer, from what the engine offers and what the plan says is standard. */
export function fieldsOf(catalogue: Catalogue, standard: Plan, chosen: Expert): readonly Field[] {
  const method =
    catalogue.methods.find(({ name }) => name === (chosen.method ?? standard.method)) ?? catalogue.methods[0];
  const backbone = catalogue.backbones.find(({ name }) => name === (chosen.backbone ?? standard.backbone));
  const statistics = (value: string, summary = ''): Choice => ({
    value,
    summary,
    ...(value === 'batch' && backbone && backbone.norm !== 'batch' ? { refused: 'statistics' } : {}),
  });
  const number = (
    key: keyof Expert & keyof typeof runOptionsSchema.shape,
    value: number | null,
    unit: string,
  ): Field => ({
    key,
    kind: 'number',
    standard: value,
    range: rangeOf(key),
    whole: true,
    unit,
  });
  return [
    { key: 'method', kind: 'choice', standard: standard.method, choices: named(catalogue.methods) },
    {
      key: 'backbone',
      kind: 'choice',
      standard: standard.backbone,
      choices: catalogue.backbones.map(({ name, family, side, licence, sha256 }) => ({
        value: name,
        summary: licence ?? '',
        model: { family, side },
        ...(sha256 === null ? { refused: 'weights' } : {}),
      })),
    },
    {
      key: 'regime',
      kind: 'choice',
      standard: 'auto',
      choices: [{ value: 'auto', summary: regimeNames.join(', ') }, ...named(catalogue.regimes)],
    },
    ...(standard.keptColumns.length > 0
      ? [
          {
            key: 'columns',
            kind: 'several',
            standard: null,
            choices: standard.keptColumns.map((value) => ({ value, summary: '' })),
          } as const,
        ]
      : []),
    {
      key: 'auxiliary',
      kind: 'choice',
      standard: 'none',
      choices: [{ value: 'none', summary: '' }, ...named(catalogue.methods)],
    },
    { key: 'auxiliaryWeight', kind: 'number', standard: 1, range: rangeOf('auxiliaryWeight') },
    {
      key: 'views',
      kind: 'choice',
      standard: catalogue.views[0]?.name ?? null,
      choices: named(catalogue.views),
    },
    number('epochs', standard.epochs, 'passes'),
    number('batch', method?.batch ?? null, 'images'),
    number('size', standard.size, 'pixels'),
    number('seeds', standard.seeds, 'repeats'),
    number('draws', standard.draws, 'draws'),
    number('maxImages', standard.adaptationImages, 'images'),
    {
      key: 'engine',
      kind: 'choice',
      standard: 'auto',
      choices: ['auto', 'onnx', 'eager'].map((value) => ({ value, summary: '' })),
    },
    {
      key: 'tuneStatistics',
      kind: 'choice',
      standard: 'frozen',
      choices: ['frozen', 'batch'].map((value) => statistics(value)),
    },
    { key: 'layerDecay', kind: 'number', standard: 1, range: rangeOf('layerDecay') },
    { key: 'testTimeAugmentation', kind: 'switch', standard: false },
    ...Object.entries(method?.settings ?? {}).map(([name, value]): Field => {
      const { gloss = '', range, whole, choices = [], unit } = method?.declared[name] ?? {};
      const base = { key: inMethod + name, standard: value };
      if (typeof value === 'boolean') return { ...base, kind: 'switch' };
      if (typeof value === 'number') {
        return {
          ...base,
          kind: 'number',
          ...(range ? { range } : {}),
          ...(whole ? { whole } : {}),
          ...(unit === undefined ? {} : { unit }),
        };
      }
      // A text without choices is written.
      if (choices.length === 0) return { ...base, kind: 'choice' };
      const choiceOf = (choice: string): Choice =>
        name === 'statistics' ? statistics(choice, gloss) : { value: choice, summary: gloss };
      return { ...base, kind: 'choice', choices: choices.map(choiceOf) };
    }),
  ];
}

const named = (
  entries: readonly { readonly name: string; readonly summary: string }[],
): readonly { value: string; summary: string }[] => entries.map(({ name, summary }) => ({ value: name, summary }));

export function valueOf(expert: Expert, key: string): Value | undefined {
  if (key.startsWith(inMethod)) return expert.methodSettings?.[key.slice(inMethod.length)];
  return expert[key as Exclude<keyof Expert, 'methodSettings'>];
}

/** The settings with one changed; `undefined` or the standard takes it back. */
export function withValue(expert: Expert, { key, standard }: Field, value: Value | undefined): Expert {
  const next: Record<string, unknown> = { ...expert };
  const isStandard = value === undefined || value === standard || (Array.isArray(value) && value.length === 0);
  if (key.startsWith(inMethod)) {
    const settings = { ...expert.methodSettings };
    const name = key.slice(inMethod.length);
    if (isStandard) delete settings[name];
    else if (typeof value !== 'object') settings[name] = value;
    if (Object.keys(settings).length > 0) next['methodSettings'] = settings;
    else delete next['methodSettings'];
  } else {
    if (isStandard) delete next[key];
    else next[key] = value;
    // Another method has settings of its own.
    if (key === 'method') delete next['methodSettings'];
  }
  return next as Expert;
}

export const differences = (expert: Expert): number =>
  Object.keys(expert).filter((key) => key !== 'methodSettings').length +
  Object.keys(expert.methodSettings ?? {}).length;

/** Settings from pasted text; null where they are none. */
export function readExpert(text: string): Expert | null {
  try {
    return expertSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
