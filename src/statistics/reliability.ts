import { shareOf, type Counted, type Share } from './share.ts';

/** One answer about a check image: how sure it was, and whether it was right (`hit`). */
export interface Said extends Counted {
  /** Of the class it was called, 0..1. */
  readonly probability: number;
}

/** Answers that said about the same. */
export interface ReliabilityBin extends Share {
  /** Lower edge, within. */
  readonly from: number;
  /** Upper edge, not within; the last bin holds 1. */
  readonly to: number;
  /** Mean of what was said. */
  readonly said: number;
}

/** Around every ten percent, so that "when it says 90 %" is 85 to 95. */
const edges = [0, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1];

/**
 * The reliability diagram (DeGroot & Fienberg 1983): how often it is right where it says about the same, with ranges
 * over clusters and draws. Bins without an answer are left out.
 */
export function reliability(answers: readonly Said[]): ReliabilityBin[] {
  return edges.slice(0, -1).flatMap((from, index) => {
    const to = edges[index + 1]!;
    const last = index === edges.length - 2;
    const inside = answers.filter(({ probability }) => probability >= from && (last || probability < to));
    const share = shareOf(inside);
    if (!share) return [];
    const all = inside.reduce((sum, { weight }) => sum + weight, 0);
    const said = inside.reduce((sum, { weight, probability }) => sum + weight * probability, 0) / all;
    return [{ from, to, said, ...share }];
  });
}

/** Fewer images than this say nothing about a bin that a sentence could rest on. */
const fewestToSay = 10;

/** The bin of which the one sentence speaks: that of 90 %, or where that holds too few images, the fullest one. */
export function tellingBin(bins: readonly ReliabilityBin[]): ReliabilityBin | undefined {
  const ninety = bins.find(({ from, to }) => from < 0.9 && 0.9 < to);
  if (ninety && ninety.images >= fewestToSay) return ninety;
  return bins.toSorted((a, b) => b.images - a.images)[0];
}

/** What happens where only the surest answers count. */
export interface RiskPoint {
  /** Lowest probability that is named. */
  readonly threshold: number;
  /** Share of the answers that name an image. */
  readonly coverage: number;
  /** Share of these that are wrong. */
  readonly wrong: Share;
}

const steps = 10;

/**
 * Risk–coverage curve (El-Yaniv & Wiener 2010): the surest 10 %, 20 %, … of the answers, and how many of these are wrong.
 * Answers of equal probability are named together, so two steps may be one.
 */
export function riskCoverage(answers: readonly Said[]): RiskPoint[] {
  const sorted = answers.toSorted((a, b) => b.probability - a.probability);
  const all = answers.reduce((sum, { weight }) => sum + weight, 0);
  const points: RiskPoint[] = [];
  for (let step = 1; step <= steps; step++) {
    const last = sorted[Math.ceil((step * sorted.length) / steps) - 1];
    if (!last || last.probability === points.at(-1)?.threshold) continue;
    const named = sorted.filter(({ probability }) => probability >= last.probability);
    points.push({
      threshold: last.probability,
      coverage: named.reduce((sum, { weight }) => sum + weight, 0) / all,
      wrong: shareOf(named.map((answer) => ({ ...answer, hit: !answer.hit })))!,
    });
  }
  return points;
}
