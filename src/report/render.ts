import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { fontFile, textWidth } from './font.js';

/** How Vega lays text out; its own types leave it out. */
const { textMetrics } = vega as unknown as {
  textMetrics: { width: (item: { fontSize?: number }, text: string | number | undefined) => number };
};
// Without a canvas Vega takes all letters as equally wide. Measuring in our font also makes figures the same anywhere.
textMetrics.width = ({ fontSize = 11 }, text) => textWidth(String(text ?? '').trim(), fontSize);

/** Draws a figure. Equal specs give equal bytes. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}

/** Pixels of a PNG for each pixel of the SVG. */
export const pngScale = 2;

/** Rasterises an SVG with the bundled font alone, so that no fonts need be installed. */
export async function renderPng(svg: string): Promise<Buffer> {
  const { Resvg } = await import('@resvg/resvg-js');
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: pngScale },
    font: { loadSystemFonts: false, fontFiles: [fontFile], defaultFontFamily: 'Liberation Sans' },
  });
  return image.render().asPng();
}
