import type { AxisValue } from '../config/axes.js';
import type { Labels } from '../study/labels.js';
import { assignColours, inSeniority, palette } from './colours.js';

/** What a line looks like. */
export interface Stroke {
  colour: string;
  /** Dashes and gaps in pixels; none for a solid line. */
  dash: readonly number[];
  /** What marks a point that has no neighbour to draw a line to; one for each kind of dash. */
  shape: string;
}

/** They tell lines of one colour apart, and all lines in grey print. */
const kinds: readonly Omit<Stroke, 'colour'>[] = [
  { dash: [], shape: 'circle' },
  { dash: [4, 2], shape: 'square' },
  { dash: [1.5, 1.5], shape: 'triangle-up' },
  { dash: [7, 2, 1.5, 2], shape: 'diamond' },
  { dash: [11, 2.5], shape: 'triangle-down' },
  { dash: [6, 1.5, 1.5, 1.5, 1.5, 1.5], shape: 'cross' },
];

/** How many lines of a figure can be told apart. */
export const mostStrokes = palette.length * kinds.length;

/**
 * How the lines of a figure look, each given by its value of the axis of colours and by the number of its variant, which
 * is all else that tells it apart. Where variants come with several values, as weighted and unweighted rules do, colours
 * tell values and dashes tell variants; else every line has a colour and a dash of its own, as long as there are any.
 * No two lines look alike, up to `mostStrokes`.
 */
export function assignStrokes(
  path: string,
  lines: readonly { value: AxisValue; variant: number }[],
  labels: Labels,
): Stroke[] {
  const values = lines.map(({ value }) => value);
  const variants = new Set(lines.map(({ variant }) => variant)).size;
  const crossed = variants > 1 && lines.length > variants;
  const coloured = crossed ? [...new Set(values)] : values;
  const colours = assignColours(path, coloured, labels);
  const strokes: Choice[] = [];
  const taken: Choice[] = [];
  for (const holder of inSeniority(path, coloured, labels)) {
    const colour = colours[holder];
    for (const [k, { value, variant }] of lines.entries()) {
      if (crossed ? value !== coloured[holder] : k !== holder) continue;
      const kind = crossed ? variant % kinds.length : ownKind(colour, taken);
      strokes[k] = firstFree({ colour, kind }, taken);
      taken.push(strokes[k]);
    }
  }
  return strokes.map(({ colour, kind }) => ({ colour: palette[colour].light, ...kinds[kind] }));
}

interface Choice {
  /** Of the palette. */
  colour: number;
  kind: number;
}

/** The kind that goes with a colour in all figures, or the next one that fewer lines have. */
function ownKind(colour: number, taken: readonly Choice[]): number {
  const uses = kinds.map((_, kind) => taken.filter((choice) => choice.kind === kind).length);
  const least = Math.min(...uses);
  return from(colour, kinds.length).find((kind) => uses[kind] === least)!;
}

/** What is wanted, or else the colour with another dash, or else another colour. */
function firstFree(wanted: Choice, taken: readonly Choice[]): Choice {
  const choices = from(wanted.colour, palette.length).flatMap((colour) =>
    from(wanted.kind, kinds.length).map((kind) => ({ colour, kind })),
  );
  const isFree = ({ colour, kind }: Choice) =>
    !taken.some((one) => one.colour === colour && one.kind === kind);
  return choices.find(isFree) ?? wanted;
}

/** 0 to n - 1, from the k-th on, round to the one before it. */
function from(k: number, n: number): number[] {
  return Array.from({ length: n }, (_, step) => (k + step) % n);
}
