/** HTML that is safe to put into a page as it is. */
export class Markup {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What a template takes: text is escaped, lists come line by line, what is absent or false leaves nothing. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

/** A template of HTML: html`<p>${text}</p>`. Attributes must be quoted. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  return new Markup(strings.reduce((text, part, k) => text + markupOf(values[k - 1]) + part));
}

function markupOf(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Markup) return content.toString();
  if (typeof content === 'object') return content.map(markupOf).join('\n');
  return String(content).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A part of the page under its heading. */
export function section(title: string, ...content: Content[]): Markup {
  return html`<section>
    <h2>${title}</h2>
    ${content}
  </section> `;
}

/** A box for what may be wider than the page. It can be scrolled with the keyboard, hence its label. */
export function scrolling(label: string, content: Markup): Markup {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${content}</div> `;
}

/** "a", "a or b", "a, b or c". */
export function listed(words: readonly string[], conjunction: 'and' | 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words[words.length - 1]}`;
}

/** "1 run", "2 runs". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
