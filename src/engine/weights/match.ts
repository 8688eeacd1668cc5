import { AppError } from '../../contract/errors.ts';
import type { Backbone } from '../backbones/types.ts';
import { shown } from './formats/malformed.ts';
import type { Part, StoredTensor } from './formats/source.ts';
import { dialects, nameIn, type Dialect } from './names.ts';

/** The tensors of a backbone, found in a file. */
export interface Match {
  readonly part: Part;
  readonly dialect: Dialect;
  /** Before every name, such as `module.`. */
  readonly prefix: string;
  /** By our names. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Names that are left out: the classifier, and networks beside the one with this prefix. */
  readonly left: readonly string[];
}

interface Candidate {
  readonly part: Part;
  readonly dialect: Dialect;
  readonly prefix: string;
  readonly found: number;
}

/** PyTorch counts the batches that running statistics saw; nothing here uses that. */
const counters = /(?:^|\.)num_batches_tracked$/;
/** A checkpoint's averaged weights are the ones its makers report; else what comes first in the file. */
const preferred = /(?:^|[._])(?:ema|teacher|target)(?:$|[._])/;

/**
 * Finds a backbone in a file: which state dict, whose names, and what stands before them. Where several would do, the
 * one with averaged weights, then the first.
 *
 * @throws AppError `weights.empty`, `weights.missing`, `weights.extra`
 */
export function matchBackbone(backbone: Backbone, parts: readonly Part[], file: string): Match {
  const best = bestOf(backbone, parts);
  if (!best) throw new AppError('weights.empty', { file });
  const { part, dialect, prefix, found } = best;
  const refuse = (code: 'weights.missing' | 'weights.extra', names: readonly string[]): void => {
    const [tensor] = names;
    if (tensor === undefined) return;
    throw new AppError(code, { file, backbone: backbone.name, tensor: shown(tensor), count: names.length });
  };
  const tensors = new Map<string, StoredTensor>();
  const used = new Set<string>();
  const missing: string[] = [];
  for (const { name } of backbone.params) {
    const theirs = prefix + nameIn(dialect, name);
    const tensor = part.tensors.get(theirs);
    if (tensor) tensors.set(name, tensor);
    // Where nothing fits at all, the names of another program would only confuse.
    else missing.push(found > 0 ? theirs : name);
    used.add(theirs);
  }
  refuse('weights.missing', missing);
  const unused = [...part.tensors.keys()].filter((name) => !used.has(name) && !counters.test(name));
  const isBeside = (name: string): boolean =>
    !name.startsWith(prefix) || dialect.classifier.test(name.slice(prefix.length));
  refuse(
    'weights.extra',
    unused.filter((name) => !isBeside(name)),
  );
  return { part, dialect, prefix, tensors, left: unused };
}

function bestOf(backbone: Backbone, parts: readonly Part[]): Candidate | undefined {
  const named = dialectsOf(backbone).map((dialect) => ({
    dialect,
    names: backbone.params.map(({ name }) => nameIn(dialect, name)),
  }));
  let best: Candidate | undefined;
  for (const part of parts.toSorted((a, b) => Number(preferred.test(b.name)) - Number(preferred.test(a.name)))) {
    for (const { dialect, names } of named) {
      for (const prefix of prefixesIn(part, names)) {
        const found = names.filter((name) => part.tensors.has(prefix + name)).length;
        if (!best || found > best.found) best = { part, dialect, prefix, found };
      }
    }
  }
  return best;
}

function dialectsOf({ family }: Backbone): readonly Dialect[] {
  const found = Object.hasOwn(dialects, family) ? dialects[family] : undefined;
  if (!found) throw new Error(`no names are known for the family ${family}`);
  return found;
}

/** The blocks of a deep network look like prefixes too, but are longer than that of the whole. */
const mostPrefixes = 64;

/** What may stand before every name: what stands before a few of them. The shortest first. */
function prefixesIn({ tensors }: Part, names: readonly string[]): string[] {
  const anchors = [0, 0.5, 1].map((at) => names[Math.round(at * (names.length - 1))]!);
  const prefixes = new Set(['']);
  for (const stored of tensors.keys()) {
    for (const anchor of anchors) {
      const prefix = stored.slice(0, -anchor.length);
      if (stored.endsWith(anchor) && /[./]$/.test(prefix)) prefixes.add(prefix);
    }
  }
  return [...prefixes].toSorted((a, b) => a.length - b.length).slice(0, mostPrefixes);
}
