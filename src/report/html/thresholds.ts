import { html, section, type Markup } from './markup.js';

/** A threshold that the study was held to. */
export interface Threshold {
  /** As it was written: "final.test_accuracy: mean >= 0.95". */
  text: string;
  passed: boolean;
  /** The value, the number of seeds, the margin. */
  detail: string;
}

/** Every threshold with its verdict; nothing where there are none. */
export function thresholdList(thresholds: readonly Threshold[]): Markup | undefined {
  if (thresholds.length === 0) return undefined;
  const missed = thresholds.filter(({ passed }) => !passed).length;
  const verdict = missed === 0 ? 'All are met.' : `${missed} of ${thresholds.length} missed.`;
  return section(
    'Thresholds',
    html`<p>${verdict}</p>
      <ul class="thresholds">
        ${thresholds.map(
          ({ text, passed, detail }) =>
            html`<li class="${passed ? 'met' : 'missed'}">
              <b>${passed ? '✓ met' : '✗ missed'}</b> <code>${text}</code> <span>${detail}</span>
            </li> `,
        )}
      </ul> `,
  );
}
