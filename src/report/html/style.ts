import { darkTheme } from '../theme.js';

/** The style of a report: one column, readable on a telephone, at night and on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff;
  --ink: #1c1d1f;
  --soft: #5c6066;
  --line: #d9dbde;
  --wash: #f5f5f3;
  --good: #1a6b3c;
  --bad: #a8281e;
  --sans: 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: ${darkTheme.background};
    --ink: ${darkTheme.ink};
    --soft: #a3a7ad;
    --line: #3a3e43;
    --wash: #1f2226;
    --good: #6fc48f;
    --bad: #f08a7e;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto;
  max-width: 64rem;
  padding: 2.5rem 1.25rem 4rem;
  background: var(--paper);
  color: var(--ink);
  font: 1.0625rem/1.55 Charter, 'Bitstream Charter', 'Iowan Old Style', Palatino, 'Palatino Linotype', Georgia, serif;
}
h1, h2, h3 { line-height: 1.2; font-weight: 600; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: 2rem; margin: 0 0 1.5rem; letter-spacing: -0.01em; }
h2 { font-size: 1.3rem; margin: 3rem 0 0.9rem; padding-top: 0.9rem; border-top: 1px solid var(--line); }
h1 + section h2 { margin-top: 0; padding-top: 0; border-top: none; }
h3 { font-size: 1.05rem; margin: 1.75rem 0 0.5rem; }
p, ul { max-width: 44rem; margin: 0.75rem 0; }
ul { padding-left: 1.25rem; }
li { margin: 0.3rem 0; overflow-wrap: anywhere; }
code, pre { font: 0.85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; }
p code, li code, dd code { overflow-wrap: anywhere; }
pre { margin: 0; font-size: 0.8125rem; }
pre code { font-size: inherit; }
.scroll { overflow-x: auto; margin: 1.25rem 0; max-width: 100%; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--soft); outline-offset: 3px; }
.scroll:has(> pre) { background: var(--wash); border-radius: 4px; padding: 0.8rem 1rem; }
table { border-collapse: collapse; font: 0.875rem/1.4 var(--sans); font-variant-numeric: tabular-nums lining-nums; }
caption { text-align: left; padding-bottom: 0.55rem; font-size: 0.9375rem; font-weight: 600; white-space: nowrap; }
caption small { display: block; font-weight: 400; color: var(--soft); font-size: 0.8125rem; }
th, td { padding: 0.38rem 1.5rem 0.38rem 0; text-align: left; vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0.15rem; }
thead th { vertical-align: bottom; font-weight: 400; color: var(--soft); border-bottom: 1px solid var(--soft); }
thead th span { display: block; white-space: nowrap; }
tbody th { font-weight: 400; white-space: nowrap; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 1px solid var(--soft); }
.value, .number { white-space: nowrap; }
.number { text-align: right; }
table code, td small, sup { font-size: 0.95em; }
.deviation, td small { color: var(--soft); }
.figures { display: flex; flex-wrap: wrap; gap: 2rem 1.5rem; align-items: flex-start; }
figure { margin: 0; max-width: 100%; }
figure img { display: block; max-width: 100%; height: auto; }
figcaption { max-width: 29rem; margin-top: 0.5rem; font: 0.8125rem/1.45 var(--sans); color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1.25rem; margin: 0.75rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
summary { cursor: pointer; }
.thresholds { list-style: none; padding: 0; }
.thresholds b { display: inline-block; min-width: 5.5rem; font-family: var(--sans); font-size: 0.875rem; }
.thresholds span { color: var(--soft); }
.met b { color: var(--good); }
.missed b { color: var(--bad); }
@media (max-width: 30rem) {
  body { padding: 1.5rem 1rem 3rem; font-size: 1rem; }
  h1 { font-size: 1.6rem; margin-bottom: 1.5rem; }
  table { font-size: 0.8125rem; }
  caption { white-space: normal; }
  th, td { padding-right: 0.9rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.6rem; }
}
@media print {
  :root { color-scheme: only light; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .scroll { overflow: visible; }
  pre { white-space: pre-wrap; font-size: 7.5pt; }
  pre, tbody th, td { overflow-wrap: anywhere; }
  tbody th, td { white-space: normal; }
  .number { white-space: nowrap; }
  table { font-size: 8pt; }
  details::details-content { content-visibility: visible; height: auto; }
  figure, tr { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  figure img { max-width: 80mm; }
}
`;
