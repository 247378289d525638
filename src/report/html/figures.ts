import { forBothSchemes, sizeOf } from '../svg.js';
import { html, section, type Markup } from './markup.js';

/** A drawn figure. */
export interface ReportFigure {
  svg: string;
  /** What is drawn, a sentence. */
  caption: string;
  /** What there is to see, for those who cannot see it. */
  alt: string;
}

/** Pixels on the screen for each of the SVG, whose letters are for print. */
const scale = 1.5;

/**
 * Figures as images of their own, each in a data: address: ids of one SVG cannot meet those of another, and none can
 * load anything.
 */
export function figureList(figures: readonly ReportFigure[]): Markup | undefined {
  if (figures.length === 0) return undefined;
  return section('Figures', html`<div class="figures">${figures.map(figure)}</div> `);
}

function figure({ svg, caption, alt }: ReportFigure): Markup {
  const { width, height } = sizeOf(svg);
  return html`<figure>
    <img
      src="${address(forBothSchemes(svg))}"
      width="${scale * width}"
      height="${scale * height}"
      alt="${alt}"
    />
    <figcaption>${caption}</figcaption>
  </figure> `;
}

function address(svg: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
