/** Twelve shapes in a square of 16, in the order of the class colours. */
const shapes = [
  'M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12z', // circle
  'M8 2L14.5 13.5H1.5z', // triangle
  'M2.5 2.5h11v11h-11z', // square
  'M8 1L15 8L8 15L1 8z', // diamond
  'M8 1l2 4.7 5.1.4-3.9 3.3 1.2 5L8 11.7l-4.4 2.7 1.2-5L.9 6.1 6 5.7z', // star
  'M6 2h4v4h4v4h-4v4H6v-4H2V6h4z', // plus
  'M4.5 2h7L15 8l-3.5 6h-7L1 8z', // hexagon
  'M8 14L1.5 2.500h13z', // triangle down
  'M3.8 1.700L8 5.900l4.2-4.2 2.1 2.100L10.1 8l4.2 4.2-2.1 2.100L8 10.100l-4.2 4.2-2.1-2.100L5.9 8 1.7 3.800z', // cross
  'M2 11a6 6 0 0 1 12 0z', // half-disc
  'M8 1.500a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13zM8 5a3 3 0 1 0 0 6a3 3 0 1 0 0-6z', // ring
  'M8 1.500l6.7 4.9-2.6 7.900H3.900L1.3 6.400z', // pentagon
] as const;

/** Classes whose colour is dark carry white letters. */
const whiteOn = new Set([2, 3, 10, 11]);

export interface ClassLook {
  /** Custom properties to use as colours. */
  readonly fill: string;
  readonly on: string;
  readonly shape: string;
  /** From the thirteenth class on the colours come again, striped. */
  readonly striped: boolean;
}

/** How a class is shown, by its 0-based place among the classes. */
export function classLook(position: number): ClassLook {
  const at = position % shapes.length;
  const number = at + 1;
  return {
    fill: `var(--class-${number})`,
    on: whiteOn.has(number) ? 'var(--on-dark)' : 'var(--on-light)',
    shape: shapes[at]!,
    striped: position >= shapes.length,
  };
}
