/** An element of an XML document. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Reads a document of elements and attributes without text; throws where it is not well-formed. */
export function parseXml(text: string): XmlElement {
  const declaration = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(text);
  if (!declaration) throw new Error('no XML declaration');
  const root: XmlElement = { name: '', attributes: {}, children: [] };
  const open = [root];
  const tag = /<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>\s*/y;
  tag.lastIndex = declaration[0].length;
  while (tag.lastIndex < text.length) {
    const start = tag.lastIndex;
    const match = tag.exec(text);
    if (!match) throw new Error(`not well-formed at ${start}: ${text.slice(start, start + 60)}`);
    const [, closing, name, attributes, empty] = match;
    if (closing) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`);
      continue;
    }
    const element = { name, attributes: parseAttributes(attributes), children: [] };
    open.at(-1)!.children.push(element);
    if (!empty) open.push(element);
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error('not one whole element');
  return root.children[0];
}

function parseAttributes(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, unescape(value)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function unescape(value: string): string {
  return value.replace(/&(#\d+|\w+)?;?/g, (entity, name?: string) => {
    if (name?.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    const character = name !== undefined && entity.endsWith(';') ? entities[name] : undefined;
    if (character === undefined) throw new Error(`unknown entity ${entity}`);
    return character;
  });
}
