/** Whether a word names a file with a rule of one's own, and not a rule. */
export function isFile(word: string): boolean {
  return /[/\\]|\.m?[jt]s$/.test(word);
}
