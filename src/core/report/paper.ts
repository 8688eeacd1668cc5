import type { ChartColours } from '../../charts/types.ts';

/** Charts on paper: black, and greys that print. */
export const onPaper: ChartColours = {
  ground: '#fff',
  text: '#000',
  quiet: '#444',
  line: '#ccc',
  edge: '#666',
  accent: '#000',
  warn: '#444',
};
