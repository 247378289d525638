import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Liberation Sans, as wide as Arial and Helvetica letter by letter: an SVG looks the same with any of them. */
export const fontFamily = 'Liberation Sans, Arial, Helvetica, sans-serif';
export const fontFile = fileURLToPath(
  new URL('../../assets/fonts/LiberationSans-Regular.ttf', import.meta.url),
);

let advances: ((codePoint: number) => number) | undefined;

/** Width of a line of text in pixels; letters that the font lacks count as wide as a digit. */
export function textWidth(text: string, fontSize: number): number {
  advances ??= readAdvances(readFileSync(fontFile));
  let width = 0;
  for (const letter of text) width += advances(letter.codePointAt(0)!);
  return width * fontSize;
}

/** Advance widths, in parts of the font size, from the tables `cmap` (format 4), `hhea`, `hmtx` of a TrueType file. */
function readAdvances(file: Buffer): (codePoint: number) => number {
  const tables = new Map<string, number>();
  for (let k = 0; k < file.readUInt16BE(4); k++) {
    const record = 12 + 16 * k;
    tables.set(file.toString('latin1', record, record + 4), file.readUInt32BE(record + 8));
  }
  const unitsPerEm = file.readUInt16BE(tables.get('head')! + 18);
  const metrics = file.readUInt16BE(tables.get('hhea')! + 34);
  const hmtx = tables.get('hmtx')!;
  const glyphOf = readCharacterMap(file, tables.get('cmap')!);
  const advance = (glyph: number) => file.readUInt16BE(hmtx + 4 * Math.min(glyph, metrics - 1)) / unitsPerEm;
  const missing = advance(glyphOf('0'.codePointAt(0)!));
  return (codePoint) => {
    const glyph = glyphOf(codePoint);
    return glyph === 0 ? missing : advance(glyph);
  };
}

/** Glyph of a code point, 0 where there is none: the segments of the format-4 table, which covers 16 bits. */
function readCharacterMap(file: Buffer, cmap: number): (codePoint: number) => number {
  let table = 0;
  for (let k = 0; k < file.readUInt16BE(cmap + 2); k++) {
    const offset = cmap + file.readUInt32BE(cmap + 4 + 8 * k + 4);
    if (file.readUInt16BE(offset) === 4) table = offset;
  }
  const doubled = file.readUInt16BE(table + 6);
  const ends = table + 14;
  const starts = ends + doubled + 2;
  const deltas = starts + doubled;
  const offsets = deltas + doubled;
  return (codePoint) => {
    for (let k = 0; k < doubled; k += 2) {
      if (codePoint > file.readUInt16BE(ends + k)) continue;
      const start = file.readUInt16BE(starts + k);
      if (codePoint < start) return 0;
      const delta = file.readUInt16BE(deltas + k);
      const offset = file.readUInt16BE(offsets + k);
      if (offset === 0) return (codePoint + delta) & 0xffff;
      const glyph = file.readUInt16BE(offsets + k + offset + 2 * (codePoint - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}
