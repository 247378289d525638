import { extname } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { UserError } from '../base/errors.js';

const formats = ['.svg', '.png', '.pdf'];

/** The format of a figure by the name of its file. @throws UserError for one that is none */
export function figureFormat(file: string): string {
  const format = extname(file).toLowerCase();
  if (formats.includes(format)) return format;
  throw new UserError(`unknown format: ${format || file}; choose from ${formats.join(', ')}`);
}

/** A figure in one of these formats. */
export async function renderFigure(spec: TopLevelSpec, format: string): Promise<string | Buffer> {
  const { renderPdf, renderPng, renderSvg } = await import('../report/render.js');
  if (format === '.pdf') return renderPdf(spec);
  const svg = await renderSvg(spec);
  return format === '.png' ? renderPng(svg) : svg;
}
