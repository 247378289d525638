import { textWidth } from './font.js';
import { fontSize } from './theme.js';

/**
 * Lines of a text, none wider than so many pixels: broken after a comma if that is enough, or else at spaces; a word that
 * is too long, as a file's name may be, after a mark such as a hyphen, or any letter.
 */
export function wrapText(text: string, width: number): string[] {
  const fits = (line: string) => textWidth(line, fontSize) <= width;
  if (fits(text)) return [text];
  const clauses = text.split(/(?<=,) /);
  const words = clauses.every(fits) ? clauses : text.split(' ').flatMap((word) => pieces(word, fits));
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length > 0 ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length > 0 && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function pieces(word: string, fits: (text: string) => boolean): string[] {
  if (fits(word)) return [word];
  const syllables = word.split(/(?<=[-_./])/).flatMap((part) => (fits(part) ? [part] : [...part]));
  const parts = [''];
  for (const syllable of syllables) {
    const longer = parts[parts.length - 1] + syllable;
    if (fits(longer)) parts[parts.length - 1] = longer;
    else parts.push(syllable);
  }
  return parts;
}
