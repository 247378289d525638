import {
  clampRgb,
  converter,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
  type Rgb,
} from 'culori';

type Eye = (colour: string) => Rgb;

const toRgb = converter('rgb');
const toLinear = converter('lrgb');
const difference = differenceCiede2000();

const filters = {
  protanopia: filterDeficiencyProt(1),
  deuteranopia: filterDeficiencyDeuter(1),
  tritanopia: filterDeficiencyTrit(1),
};

/** Eyes by name: the usual one, and those without one kind of cone (Machado, Oliveira, Fernandes, 2009). */
export const eyes: Readonly<Record<string, Eye>> = {
  'all cones': (colour) => toRgb(colour)!,
  ...Object.fromEntries(
    Object.entries(filters).flatMap(([name, filter]) => [
      [`${name}, matrix on linear RGB`, (colour) => linearly(filter, colour)],
      [`${name}, matrix on sRGB`, (colour) => filter(toRgb(colour)!)],
    ]),
  ),
};

/** The paper means linear RGB; much software applies its matrices to sRGB. */
function linearly(filter: (colour: Rgb) => Rgb, colour: string): Rgb {
  const { r, g, b } = toLinear(colour)!;
  const seen = clampRgb(filter({ mode: 'rgb', r, g, b }));
  return toRgb({ ...seen, mode: 'lrgb' });
}

/** How far two colours are apart for an eye, CIEDE2000: one is just noticeable. */
export function distance(eye: Eye, a: string, b: string): number {
  return difference(eye(a), eye(b));
}

/** The two of some colours that are nearest to each other. */
export function nearestPair(eye: Eye, colours: readonly string[]): { pair: string[]; distance: number } {
  const pairs = colours.flatMap((a, k) =>
    colours.slice(k + 1).map((b) => ({ pair: [a, b], distance: distance(eye, a, b) })),
  );
  return pairs.reduce((nearest, one) => (one.distance < nearest.distance ? one : nearest));
}
