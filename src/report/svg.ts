import { labelPalette, palette } from './colours.js';
import { darkTheme } from './theme.js';

/** Width and height of an SVG that `renderSvg` drew, in pixels. */
export function sizeOf(svg: string): { width: number; height: number } {
  const [, width, height] = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
  return { width: Number(width), height: Number(height) };
}

/** The SVG with a style of its own for readers who like pages dark; on paper, and for others, it stays as it is. */
export function forBothSchemes(svg: string): string {
  const { background, ink, line, grid } = darkTheme;
  const colours = [...palette, ...labelPalette].map(
    ({ light, dark }) => `[stroke="${light}"]{stroke:${dark}}[fill="${light}"]{fill:${dark}}`,
  );
  // Text on the cells of heatmaps suits its cell. The titles of panels are marks, too, but those of a concatenation.
  const rules = [
    `svg>rect{fill:${background}}`,
    `.role-axis-label text,.role-axis-title text,.role-legend-label text,.role-legend-title text,.role-title-text text,` +
      `.mark-text[class*=" concat_"] text{fill:${ink}}`,
    `.role-axis-domain line,.role-axis-tick line{stroke:${line}}`,
    `.role-axis-grid line{stroke:${grid}}`,
    `.mark-rect [stroke="white"],.mark-rule [stroke="white"]{stroke:${background}}`,
    ...colours,
  ];
  const style = `<style>@media screen and (prefers-color-scheme:dark){${rules.join('')}}</style>`;
  return svg.replace(/^<svg[^>]*>/, (opening) => opening + style);
}
