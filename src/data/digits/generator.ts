import seedrandom from 'seedrandom';
import { glyphs, type Stroke } from './strokes.js';

/**
 * The generator's version and the seed of everything it draws. Any change to the strokes, to the constants below or to the
 * order of draws makes another data set: it needs a new version here and new checksums in ../digits.ts.
 */
export const digitsVersion = 1;

const side = 28;
/** Points of a curve between two points of a stroke. */
const steps = 4;
/** Cells a side of the lattice of elastic displacements. */
const lattice = 3;

/** How far each quantity varies. Lengths in pixels, stroke points in hundredths of the box. */
const variation = {
  point: 9,
  rotation: 0.25,
  slant: { mean: 0.12, spread: 0.35 },
  width: { mean: 14.5, spread: 4.5 },
  height: { mean: 19, spread: 2.5 },
  shift: 2.5,
  elastic: 2.6,
  radius: { mean: 1.15, spread: 0.75 },
  pressure: 0.35,
  ink: { least: 150, most: 255 },
  grain: 60,
  background: 40,
} as const;

/**
 * Draws `count` images of digits as a pen would: a variant of the digit's strokes, each point moved a little, bent by a
 * smooth random field, slanted, scaled, turned and shifted, drawn with a pen of random width and ink, then noise.
 *
 * A pure function of `digitsVersion` and `split`: only additions, products, quotients and square roots of IEEE numbers,
 * which every platform rounds alike, and no function of Math that may differ (sin, exp, ...).
 *
 * @param split names the stream of random numbers; splits are independent
 * @returns images [count, 28, 28] and labels [count], each digit with probability 1/10
 */
export function generateDigits(
  split: 'train' | 'test',
  count: number,
  onProgress?: (done: number) => void,
): { images: Uint8Array; labels: Uint8Array } {
  const draw = new Draw(`digits/${digitsVersion}/${split}`);
  const images = new Uint8Array(count * side * side);
  const labels = new Uint8Array(count);
  const ink = new Float64Array(side * side);
  for (let k = 0; k < count; k++) {
    labels[k] = draw.below(10);
    const variants = glyphs[labels[k]];
    ink.fill(0);
    drawGlyph(variants[draw.below(variants.length)], draw, ink);
    develop(ink, draw, images.subarray(k * side * side, (k + 1) * side * side));
    if (k % 1000 === 999) onProgress?.(k + 1);
  }
  return { images, labels };
}

/** Random draws of one split. */
class Draw {
  private readonly int32: () => number;

  constructor(seed: string) {
    const generator = seedrandom.xor4096(seed);
    this.int32 = () => generator.int32();
  }

  /** 32 random bits, as a signed integer. */
  bits(): number {
    return this.int32();
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return (this.int32() >>> 0) / 0x1_0000_0000;
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  /** Between -1 and 1, near 0 more often than not: the sum of two uniform draws. */
  spread(): number {
    return this.unit() + this.unit() - 1;
  }

  around({ mean, spread }: { mean: number; spread: number }): number {
    return mean + spread * this.spread();
  }
}

/** Draws one digit's strokes into `ink`: coverage of each pixel, in [0, 1]. */
function drawGlyph(strokes: readonly Stroke[], draw: Draw, ink: Float64Array): void {
  const placement = drawPlacement(draw);
  const radius = draw.around(variation.radius);
  for (const stroke of strokes) {
    const curve = smoothCurve(movePoints(stroke, draw));
    place(curve, placement);
    const start = radius * (1 + variation.pressure * draw.spread());
    const end = radius * (1 + variation.pressure * draw.spread());
    drawPolyline(curve, start, end, ink);
  }
}

/** Moves each point on its own; a point given twice moves once, and stays a corner. */
function movePoints(stroke: Stroke, draw: Draw): number[] {
  const moved: number[] = [];
  for (let k = 0; k < stroke.length; k += 2) {
    const again = k > 0 && stroke[k] === stroke[k - 2] && stroke[k + 1] === stroke[k - 1];
    if (again) moved.push(moved[k - 2], moved[k - 1]);
    else
      moved.push(
        stroke[k] + variation.point * draw.spread(),
        stroke[k + 1] + variation.point * draw.spread(),
      );
  }
  return moved;
}

/** The Catmull–Rom spline through the points, as a polyline x1, y1, x2, y2, ... */
function smoothCurve(points: readonly number[]): Float64Array {
  const last = points.length / 2 - 1;
  const curve = new Float64Array(2 * (last * steps + 1));
  for (let k = 0; k < last; k++) {
    const [before, from, to, after] = [Math.max(k - 1, 0), k, k + 1, Math.min(k + 2, last)];
    for (let axis = 0; axis < 2; axis++) {
      const a = points[2 * before + axis];
      const b = points[2 * from + axis];
      const c = points[2 * to + axis];
      const d = points[2 * after + axis];
      for (let step = 0; step < steps; step++) {
        const t = step / steps;
        const value = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
        curve[2 * (k * steps + step) + axis] = value;
      }
    }
  }
  curve[curve.length - 2] = points[2 * last];
  curve[curve.length - 1] = points[2 * last + 1];
  return curve;
}

/** From the box of the strokes to the pixels of an image. */
interface Placement {
  /** Row-major 2 x 2. */
  matrix: readonly [number, number, number, number];
  /** Where the box's middle goes. */
  middle: readonly [number, number];
  /** Displacement x, y of each node of the elastic lattice, in pixels. */
  nodes: Float64Array;
}

function drawPlacement(draw: Draw): Placement {
  // The half-angle form of a rotation needs no sine: cos = (1 - h²) / (1 + h²), sin = 2h / (1 + h²).
  const half = 0.5 * variation.rotation * draw.spread();
  const cosine = (1 - half * half) / (1 + half * half);
  const sine = (2 * half) / (1 + half * half);
  const slant = draw.around(variation.slant);
  const width = draw.around(variation.width) / 100;
  const height = draw.around(variation.height) / 100;
  const middle = [
    side / 2 - 0.5 + variation.shift * draw.spread(),
    side / 2 - 0.5 + variation.shift * draw.spread(),
  ] as const;
  const nodes = new Float64Array(2 * (lattice + 1) * (lattice + 1));
  for (let k = 0; k < nodes.length; k++) nodes[k] = variation.elastic * draw.spread();
  return {
    matrix: [
      cosine * width,
      -(cosine * slant + sine) * height,
      sine * width,
      (cosine - sine * slant) * height,
    ],
    middle,
    nodes,
  };
}

/** Moves a curve from the box to the image, in place. */
function place(curve: Float64Array, { matrix, middle, nodes }: Placement): void {
  const cell = 100 / lattice;
  for (let k = 0; k < curve.length; k += 2) {
    const x = curve[k];
    const y = curve[k + 1];
    const column = Math.min(Math.max(Math.floor(x / cell), 0), lattice - 1);
    const row = Math.min(Math.max(Math.floor(y / cell), 0), lattice - 1);
    const u = smoothStep(x / cell - column);
    const v = smoothStep(y / cell - row);
    const node = 2 * (row * (lattice + 1) + column);
    const below = node + 2 * (lattice + 1);
    for (let axis = 0; axis < 2; axis++) {
      const upper = nodes[node + axis] * (1 - u) + nodes[node + 2 + axis] * u;
      const lower = nodes[below + axis] * (1 - u) + nodes[below + 2 + axis] * u;
      const elastic = upper * (1 - v) + lower * v;
      const turned = matrix[2 * axis] * (x - 50) + matrix[2 * axis + 1] * (y - 50);
      curve[k + axis] = middle[axis] + turned + elastic;
    }
  }
}

function smoothStep(t: number): number {
  const inside = Math.min(Math.max(t, 0), 1);
  return inside * inside * (3 - 2 * inside);
}

/** Draws a polyline whose pen radius goes from `start` to `end`, with edges one pixel soft. */
function drawPolyline(curve: Float64Array, start: number, end: number, ink: Float64Array): void {
  const segments = curve.length / 2 - 1;
  for (let k = 0; k < segments; k++) {
    const radius = start + ((end - start) * k) / segments;
    drawSegment(curve[2 * k], curve[2 * k + 1], curve[2 * k + 2], curve[2 * k + 3], radius, ink);
  }
}

function drawSegment(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  radius: number,
  ink: Float64Array,
): void {
  const reach = radius + 0.5;
  const left = Math.max(Math.ceil(Math.min(x1, x2) - reach), 0);
  const right = Math.min(Math.floor(Math.max(x1, x2) + reach), side - 1);
  const top = Math.max(Math.ceil(Math.min(y1, y2) - reach), 0);
  const bottom = Math.min(Math.floor(Math.max(y1, y2) + reach), side - 1);
  const dx = x2 - x1;
  const dy = y2 - y1;
  const squared = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      // The nearest point of the segment: t in [0, 1] along it.
      const along = squared === 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / squared;
      const t = along < 0 ? 0 : along > 1 ? 1 : along;
      const ex = x - x1 - t * dx;
      const ey = y - y1 - t * dy;
      const distance = Math.sqrt(ex * ex + ey * ey);
      const coverage = distance < radius - 0.5 ? 1 : reach - distance;
      if (coverage > ink[y * side + x]) ink[y * side + x] = coverage;
    }
  }
}

/** Ink to bytes: the pen's darkness, the paper's grain where there is ink, and faint noise everywhere. */
function develop(ink: Float64Array, draw: Draw, pixels: Uint8Array): void {
  const { least, most } = variation.ink;
  const darkness = least + (most - least) * draw.unit();
  const background = variation.background * draw.unit();
  for (let k = 0; k < pixels.length; k += 4) {
    const bits = draw.bits();
    for (let j = 0; j < 4; j++) {
      const noise = ((bits >>> (8 * j)) & 0xff) / 255;
      const value = ink[k + j] * (darkness - variation.grain * noise) + background * noise * noise;
      pixels[k + j] = Math.min(Math.floor(value + 0.5), 255);
    }
  }
}
