/** A finite number in decimal digits, 12, -0.5, 1e-3; nothing for other texts, such as 0x1, Infinity and none at all. */
export function decimal(text: string): number | undefined {
  const value = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** A whole number of 0 or more in decimal digits, no larger than is exact; nothing for other texts. */
export function wholeNumber(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
