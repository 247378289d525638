import { html, section, type Markup } from './markup.js';

/** A threshold that the study was held to. */
export interface ThresholdLine {
  /** As it was written: "final.test_accuracy: mean >= 0.95". */
  text: string;
  /** Absent where it cannot be checked. */
  passed?: boolean;
  /** The value, the number of seeds, the margin; or why it cannot be checked. */
  detail: string;
}

/** Every threshold with its verdict; nothing where there are none. */
export function thresholdList(thresholds: readonly ThresholdLine[]): Markup | undefined {
  if (thresholds.length === 0) return undefined;
  return section(
    'Thresholds',
    html`<p>${summary(thresholds)}</p>
      <ul class="thresholds">
        ${thresholds.map(
          ({ text, passed, detail }) =>
            html`<li class="${passed === undefined ? 'unchecked' : passed ? 'met' : 'missed'}">
              <b>${passed === undefined ? '? cannot be checked' : passed ? '✓ met' : '✗ missed'}</b>
              <code>${text}</code> <span>${detail}</span>
            </li> `,
        )}
      </ul> `,
  );
}

/** "All are met.", "1 of 4 missed; 2 cannot be checked." */
function summary(thresholds: readonly ThresholdLine[]): string {
  const missed = thresholds.filter(({ passed }) => passed === false).length;
  const unchecked = thresholds.filter(({ passed }) => passed === undefined).length;
  if (missed + unchecked === 0) return 'All are met.';
  return `${missed} of ${thresholds.length} missed${unchecked > 0 ? `; ${unchecked} cannot be checked` : ''}.`;
}
