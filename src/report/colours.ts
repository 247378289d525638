import type { Colour } from '../base/definition.js';
import type { AxisValue } from '../config/axes.js';
import type { Labels } from '../study/labels.js';

interface Paint {
  name: Colour;
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
export const palette: readonly Paint[] = [
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
 * Ten colours for the labels of data, which lie on each other in this order: the qualitative scheme "muted" of Paul Tol
 * (2021) with a grey that stands out from the page. Labels beside each other are at least 25 apart (CIEDE2000), and 12 for
 * readers without one kind of cone.
 */
export const labelPalette: readonly Omit<Paint, 'name'>[] = [
  { light: '#332288', dark: '#7A67D6' },
  { light: '#88CCEE', dark: '#88CCEE' },
  { light: '#117733', dark: '#2C9E50' },
  { light: '#DDCC77', dark: '#DDCC77' },
  { light: '#CC6677', dark: '#CC6677' },
  { light: '#44AA99', dark: '#44AA99' },
  { light: '#882255', dark: '#B2457F' },
  { light: '#999933', dark: '#A5A537' },
  { light: '#AA4499', dark: '#BE5BAD' },
  { light: '#606060', dark: '#D0D0D0' },
];

/**
 * A colour for each of some values of an axis, one of which may come more than once, as an index into the palette. The
 * first of a value that has a colour of its own gets that, unless a value before it in the catalogue has it; all others
 * take what is free. Colours come twice only when there are more values than colours.
 */
export function assignColours(path: string, values: readonly AxisValue[], labels: Labels): number[] {
  const uses = palette.map(() => 0);
  const colours: number[] = [];
  for (const k of inSeniority(path, values, labels)) {
    const name = isSenior(path, values, k, labels) ? labels.colour(path, values[k]) : undefined;
    const own = palette.findIndex((paint) => paint.name === name);
    const colour = uses[own] === 0 ? own : uses.indexOf(Math.min(...uses));
    uses[colour]++;
    colours[k] = colour;
  }
  return colours;
}

/**
 * Indices of values in the order in which they choose: those that get a colour of their own, then others that the
 * catalogue has, then the rest.
 */
export function inSeniority(path: string, values: readonly AxisValue[], labels: Labels): number[] {
  const places = [...values.keys()];
  const known = places
    .filter((k) => isSenior(path, values, k, labels))
    .sort((a, b) => labels.rank(path, values[a]) - labels.rank(path, values[b]));
  const colours = known.map((k) => labels.colour(path, values[k]));
  const own = known.filter((_, i) => colours.indexOf(colours[i]) === i);
  return [...own, ...known.filter((k) => !own.includes(k)), ...places.filter((k) => !known.includes(k))];
}

/** The first of a value that has a colour of its own. */
function isSenior(path: string, values: readonly AxisValue[], k: number, labels: Labels): boolean {
  return labels.colour(path, values[k]) !== undefined && values.indexOf(values[k]) === k;
}
