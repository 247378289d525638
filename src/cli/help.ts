/** Columns of a terminal that every help page fits. */
const width = 80;

/**
 * A help page without long lines: paragraphs are filled, and entries of a list go on under their second column. Commands
 * and JSON stay whole, so that they can be copied.
 */
export function fillHelp(text: string): string {
  const filled: string[] = [];
  let paragraph: string[] = [];
  const end = () => {
    if (paragraph.length > 0) filled.push(fill(paragraph.join(' '), ''));
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    if (/^\S/.test(line) && !/ {2}/.test(line)) paragraph.push(line);
    else {
      end();
      filled.push(fillLine(line));
    }
  }
  end();
  return filled.join('\n');
}

function fillLine(line: string): string {
  if (line.length <= width || /^\s*(byzsim |\{)/.test(line)) return line;
  const [entry] = /^ *\S.*? {2,}(?=\S)/.exec(line) ?? /^ */.exec(line)!;
  return fill(line.slice(entry.length), entry);
}

/** Words in lines of up to `width`, the first of which begins with `start` and the others with as much space. */
function fill(text: string, start: string): string {
  const lines = [start];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines[lines.length - 1];
    const isEmpty = last === start || last.trim() === '';
    if (isEmpty || last.length + 1 + word.length <= width)
      lines[lines.length - 1] = isEmpty ? last + word : `${last} ${word}`;
    else lines.push(' '.repeat(start.length) + word);
  }
  return lines.join('\n');
}
