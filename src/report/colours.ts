import { axis, type AxisValue } from '../results/axes.js';

interface Colour {
  name: string;
  /** On a white page. */
  light: string;
  /** On a dark page. */
  dark: string;
}

/**
 * Eight colours of which no two are near for any eye: at least 29 apart (CIEDE2000) on a white page, 25 on a dark one,
 * and 12 for readers without one kind of cone (Machado et al., 2009); each has a contrast of 3 with its page (WCAG 2.1,
 * 1.4.11). The first ones are those of Okabe and Ito (2008), as nearly as that allows.
 */
export const palette: readonly Colour[] = [
  { name: 'blue', light: '#0072B2', dark: '#1886EB' },
  { name: 'amber', light: '#CE8400', dark: '#F3B230' },
  { name: 'black', light: '#000000', dark: '#F5F5F5' },
  { name: 'green', light: '#10A688', dark: '#15BDA0' },
  { name: 'red', light: '#B02400', dark: '#E04820' },
  { name: 'violet', light: '#B774FF', dark: '#CCA6FE' },
  { name: 'wine', light: '#84145E', dark: '#B04A82' },
  { name: 'olive', light: '#62604A', dark: '#8F8B70' },
];

/**
 * Values in the order of their own colours, which start again after the last: a rule keeps its colour from figure to
 * figure wherever that is free. New ones go to the end.
 */
const known: Readonly<Record<string, readonly string[]>> = {
  [axis.rule]: [
    'cwmed',
    'geometric-median',
    'mean',
    'trimmed-mean',
    'krum',
    'centered-clipping',
    'mda',
    'mean-around-median',
    'multi-krum',
    'bulyan',
    'caf',
    'monna',
    'smea',
  ],
  [axis.optimizer]: ['mu2-sgd', 'momentum', 'sgd'],
};

/**
 * A colour for each of some values of an axis, one of which may come more than once, as an index into the palette. The
 * first of a known value has that value's own colour, unless a value before it in the list of known ones has it; all
 * others take what is free. Colours come twice only when there are more values than colours.
 */
export function assignColours(path: string, values: readonly AxisValue[]): number[] {
  const uses = palette.map(() => 0);
  const colours: number[] = [];
  for (const k of inSeniority(path, values)) {
    const own = rankOf(path, values, k) % palette.length; // NaN for a value that has none
    const colour = uses[own] === 0 ? own : uses.indexOf(Math.min(...uses));
    uses[colour]++;
    colours[k] = colour;
  }
  return colours;
}

/** Indices of values in the order in which they choose: the first of each known value, then the others. */
export function inSeniority(path: string, values: readonly AxisValue[]): number[] {
  const ranks = values.map((_, k) => rankOf(path, values, k));
  return [...values.keys()].sort((a, b) => (ranks[a] === ranks[b] ? a - b : ranks[a] - ranks[b]));
}

function rankOf(path: string, values: readonly AxisValue[], k: number): number {
  const rank = known[path]?.indexOf(String(values[k])) ?? -1;
  return rank < 0 || values.indexOf(values[k]) < k ? Infinity : rank;
}
