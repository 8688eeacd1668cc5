/** What near duplicates are told by. */
export interface Look {
  readonly id: number;
  readonly hash: string;
  readonly width: number;
  readonly height: number;
  /** 16×16 grey. */
  readonly thumbprint: Uint8Array;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

// Measured with bench/duplicates.ts on two sets of 128 px images: saving again as JPEG of quality 50 or halving the
// size moves a thumbprint by at most 0.9 on average and 6 in one cell; the nearest other image is at least 3.0 away.
const meanTolerance = 1.5;
const greatestTolerance = 8;
const colourTolerance = 3;
const shapeTolerance = 0.03;
/** Below this contrast (standard deviation of the thumbprint) a picture is too plain to be told from others. */
const leastContrast = 2;
/** Of its contrast, how much two duplicates may differ. */
const contrastShare = 0.1;

/**
 * Exact and near duplicates, gathered into families: whatever is linked, directly or over others, is one.
 * @returns image id to the smallest id of its family; only images that have duplicates
 */
export function findFamilies(looks: readonly Look[]): Map<number, number> {
  const parent = new Map<number, number>();
  const root = (id: number): number => {
    let at = id;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  const link = (a: Look, b: Look): void => {
    const [x, y] = [root(a.id), root(b.id)];
    if (x !== y) parent.set(Math.max(x, y), Math.min(x, y));
  };
  const firstOf = new Map<string, Look>();
  for (const look of looks) {
    const first = firstOf.get(look.hash);
    if (first) link(first, look);
    else firstOf.set(look.hash, look);
  }
  for (const [a, b] of nearPairs([...firstOf.values()])) link(a, b);
  const familyOf = new Map<number, number>();
  for (const { id } of looks) {
    const family = root(id);
    if (family === id) continue;
    familyOf.set(id, family);
    familyOf.set(family, family);
  }
  return familyOf;
}

interface Prepared {
  readonly look: Look;
  /** Means of the quarters, then of the colours. */
  readonly means: readonly number[];
  readonly cell: number;
  readonly contrast: number;
}
const quarters = 4;
const tolerances = [...Array<number>(quarters).fill(meanTolerance), ...Array<number>(3).fill(colourTolerance)];

/** Of a grid over the means of the quarters: what looks the same lies in one cell or in two that touch. */
const cellWidth = 1.001 * meanTolerance;
/** More than there are cells in one direction, so that a step over the edge meets none. */
const cellsAcross = 256;
/** Steps to those neighbours of a cell that stand behind it: the others have it among theirs. */
const stepsOn: readonly number[] = Array.from({ length: quarters })
  .reduce<readonly number[]>((steps) => steps.flatMap((step) => [-1, 0, 1].map((d) => step * cellsAcross + d)), [0])
  .filter((step) => step > 0);

/** Pairs that look the same. A million images of one stain are alike on the whole: all with all would take an hour. */
function* nearPairs(looks: readonly Look[]): Generator<[Look, Look]> {
  const prepared = looks
    .map(prepare)
    .filter(({ contrast }) => contrast >= leastContrast)
    .sort((a, b) => a.cell - b.cell);
  // Side by side in memory: nearly all pairs end at one of these numbers.
  const cells = Float64Array.from(prepared, ({ cell }) => cell);
  const width = tolerances.length;
  const means = new Float64Array(prepared.length * width);
  const begins = new Map<number, number>();
  prepared.forEach((each, at) => {
    means.set(each.means, at * width);
    if (cells[at - 1] !== each.cell) begins.set(each.cell, at);
  });
  const isNear = (i: number, j: number): boolean => {
    for (let k = 0; k < width; k++)
      if (Math.abs(means[i * width + k]! - means[j * width + k]!) > tolerances[k]!) return false;
    return looksSame(prepared[i]!, prepared[j]!);
  };
  for (let i = 0; i < prepared.length; i++) {
    const cell = cells[i]!;
    for (let j = i + 1; cells[j] === cell; j++) if (isNear(i, j)) yield [prepared[i]!.look, prepared[j]!.look];
    for (const step of stepsOn) {
      const begin = begins.get(cell + step) ?? prepared.length;
      for (let j = begin; cells[j] === cell + step; j++) if (isNear(i, j)) yield [prepared[i]!.look, prepared[j]!.look];
    }
  }
}

function prepare(look: Look): Prepared {
  const means = Array<number>(quarters).fill(0);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < 256; i++) {
    const value = look.thumbprint[i] as number;
    means[(i >= 128 ? 2 : 0) + (i % 16 >= 8 ? 1 : 0)]! += value / 64;
    sum += value;
    squares += value * value;
  }
  const mean = sum / 256;
  return {
    look,
    means: [...means, look.red, look.green, look.blue],
    cell: means.reduce((place, each) => place * cellsAcross + Math.floor(each / cellWidth), 0),
    contrast: Math.sqrt(Math.max(0, squares / 256 - mean * mean)),
  };
}

/** Of two that have the same means. */
function looksSame(a: Prepared, b: Prepared): boolean {
  const [x, y] = [a.look, b.look];
  if (Math.abs(Math.log((x.width * y.height) / (x.height * y.width))) > shapeTolerance) return false;
  const most = 256 * Math.min(meanTolerance, contrastShare * Math.min(a.contrast, b.contrast));
  let sum = 0;
  for (let i = 0; i < 256; i++) {
    const difference = Math.abs((x.thumbprint[i] as number) - (y.thumbprint[i] as number));
    sum += difference;
    if (difference > greatestTolerance || sum > most) return false;
  }
  return true;
}
