import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { fontFile, textWidth } from './font.js';
import { sizeOf } from './svg.js';

/** How Vega lays text out; its own types leave it out. */
const { textMetrics } = vega as unknown as {
  textMetrics: { width: (item: { fontSize?: number }, text: string | number | undefined) => number };
};
// Without a canvas Vega takes all letters as equally wide. Measuring in our font also makes figures the same anywhere.
textMetrics.width = ({ fontSize = 11 }, text) => textWidth(String(text ?? '').trim(), fontSize);

/** Draws a figure. Equal specs give equal bytes. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  vega.resetSVGDefIds();
  const svg = await drawn(spec, (view) => view.toSVG());
  return `${described(svg, spec.description ?? '')}\n`;
}

/** Vega gives the whole no name of its own. */
function described(svg: string, description: string): string {
  const label = description.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const attributes = `role="graphics-document" aria-roledescription="figure" aria-label="${label}"`;
  return svg.replace('<svg', () => `<svg ${attributes}`);
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

/** Points of a PDF for each pixel of the SVG: an inch has 72 and 96. */
export const pdfScale = 0.75;

/**
 * Draws a figure as a page of its size, rounded up to whole points, in vectors and in text of the bundled font. Equal
 * specs give equal bytes.
 */
export async function renderPdf(spec: TopLevelSpec): Promise<Buffer> {
  const { GlobalFonts, PDFDocument } = await import('@napi-rs/canvas');
  if (!GlobalFonts.has('Liberation Sans')) GlobalFonts.registerFromPath(fontFile, 'Liberation Sans');
  const { width, height } = sizeOf(await renderSvg(spec));
  const document = new PDFDocument({ creator: 'byzsim' });
  const page = document.beginPage(Math.ceil(pdfScale * width), Math.ceil(pdfScale * height));
  const fillText = page.fillText.bind(page);
  page.fillText = (text, x, y) => {
    page.setLineDash([]); // with the dashes of the line before, text would be outlines
    fillText(text, x, y);
  };
  await drawn(spec, (view) => view.toCanvas(pdfScale, { externalContext: page }));
  document.endPage();
  return document.close();
}

async function drawn<T>(spec: TopLevelSpec, draw: (view: vega.View) => Promise<T>): Promise<T> {
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await draw(view);
  } finally {
    view.finalize();
  }
}
