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
  readonly quarters: readonly [number, number, number, number];
  readonly mean: number;
  readonly contrast: number;
}

/** Pairs that look the same. Sorted by mean grey, so that only neighbours are compared. */
function* nearPairs(looks: readonly Look[]): Generator<[Look, Look]> {
  const prepared = looks
    .map(prepare)
    .filter(({ contrast }) => contrast >= leastContrast)
    .sort((a, b) => a.mean - b.mean);
  for (let i = 0; i < prepared.length; i++) {
    const a = prepared[i] as Prepared;
    for (let j = i + 1; j < prepared.length; j++) {
      const b = prepared[j] as Prepared;
      if (b.mean - a.mean > meanTolerance) break;
      if (looksSame(a, b)) yield [a.look, b.look];
    }
  }
}

function prepare(look: Look): Prepared {
  const quarters: [number, number, number, number] = [0, 0, 0, 0];
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < 256; i++) {
    const value = look.thumbprint[i] as number;
    const quarter = (i >= 128 ? 2 : 0) + (i % 16 >= 8 ? 1 : 0);
    quarters[quarter] = (quarters[quarter] as number) + value / 64;
    sum += value;
    squares += value * value;
  }
  const mean = sum / 256;
  return { look, quarters, mean, contrast: Math.sqrt(Math.max(0, squares / 256 - mean * mean)) };
}

function looksSame(a: Prepared, b: Prepared): boolean {
  for (let q = 0; q < 4; q++) {
    if (Math.abs((a.quarters[q] as number) - (b.quarters[q] as number)) > meanTolerance) return false;
  }
  const [x, y] = [a.look, b.look];
  if (
    Math.abs(x.red - y.red) > colourTolerance ||
    Math.abs(x.green - y.green) > colourTolerance ||
    Math.abs(x.blue - y.blue) > colourTolerance
  ) {
    return false;
  }
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
