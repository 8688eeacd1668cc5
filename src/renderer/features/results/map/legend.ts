import { useI18n } from 'vue-i18n';
import type { NamedClass } from '../../../state/project.ts';
import { rgbAt } from '../../../ui/map/rgba.ts';
import type { Colouring } from './use-map.ts';

export interface LegendEntry {
  readonly title: string;
  readonly rgb: readonly [number, number, number];
  readonly chip?: NamedClass | undefined;
  readonly images: number;
  /** Points of which nothing is known. */
  readonly isNothing: boolean;
}
export interface Legend {
  readonly entries: readonly LegendEntry[];
  /** Entry of each value. */
  readonly entryOf: Uint8Array;
}

/** Upper ends of the ranges that uncertainty is told in. */
const uncertain = [0.1, 0.25, 0.5, 1] as const;
const colours = 12;

/** What the colours mean, and how many points have each. */
export function useLegend(): (
  colouring: Colouring,
  classes: readonly NamedClass[],
  ground: Element,
  known: number,
) => Legend {
  const { t, n } = useI18n();
  return ({ by, values, names }, classes, ground, known) => {
    const nothing = { rgb: rgbAt(ground, '--fg3'), isNothing: true, title: t(`map.nothing.${by}`), chip: undefined };
    const entries: Omit<LegendEntry, 'images'>[] = [nothing];
    const entryOf = new Uint8Array(0x10000);
    const classColour = (at: number): LegendEntry['rgb'] => rgbAt(ground, `--class-${(at % colours) + 1}`);
    if (by === 'class' || by === 'prediction') {
      for (const chip of classes) {
        entryOf[chip.id + 1] = entries.length;
        entries.push({ title: chip.name, rgb: classColour(chip.position), chip, isNothing: false });
      }
    } else if (by === 'group') {
      names.forEach((name, at) => {
        entryOf[at + 1] = entries.length;
        const rgb = name === '' ? rgbAt(ground, '--edge') : classColour(at);
        entries.push({ title: name === '' ? t('map.otherGroups') : name, rgb, isNothing: false });
      });
    } else {
      const [from, to] = [rgbAt(ground, '--ramp-from'), rgbAt(ground, '--ramp-to')];
      uncertain.forEach((most, at) => {
        const share = at / (uncertain.length - 1);
        const least = uncertain[at - 1] ?? 0;
        for (let value = 1 + Math.round(1000 * least); value <= 1 + 1000 * most; value++)
          entryOf[value] = entries.length;
        const rgb = from.map((part, i) => Math.round(part + share * (to[i]! - part))) as [number, number, number];
        const title = t('map.uncertain', { from: n(least, 'percent'), to: n(most, 'percent') });
        entries.push({ title, rgb, isNothing: false });
      });
    }
    const images = new Int32Array(entries.length);
    for (let at = 0; at < Math.min(known, values.length); at++) images[entryOf[values[at]!]!]! += 1;
    return { entries: entries.map((entry, at) => ({ ...entry, images: images[at]! })), entryOf };
  };
}

const alpha = { shown: 0xd8, nothing: 0x70, faint: 0x16 } as const;

/** RGBA of each point. Those that are not picked out fade. */
export function paintedBy(
  { entries, entryOf }: Legend,
  values: Uint16Array | undefined,
  count: number,
  isPicked: ((at: number) => boolean) | null,
): Uint8Array {
  const painted = new Uint8Array(4 * count);
  const words = new Uint32Array(painted.buffer);
  const word = ({ rgb: [r, g, b] }: LegendEntry, a: number): number => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;
  const plain = entries.map((entry) => word(entry, entry.isNothing ? alpha.nothing : alpha.shown));
  const faint = entries.map((entry) => word(entry, alpha.faint));
  for (let at = 0; at < count; at++) {
    const entry = entryOf[values?.[at] ?? 0]!;
    words[at] = isPicked === null || isPicked(at) ? plain[entry]! : faint[entry]!;
  }
  return painted;
}
