/** Letters and digits only, in lower case: `Geometric_Median` and `geometric-median` are the same word. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** Edit distance with transpositions of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, substituted);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}

/** The valid name that a wrong one most likely stands for; nothing if none is near. The first of equally near ones. */
export function nearest(name: string, valid: Iterable<string>): string | undefined {
  const wanted = plain(name);
  if (wanted === '' || wanted.length > 100) return undefined;
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of valid) {
    const other = plain(candidate);
    const starts = wanted.length >= 3 && (other.startsWith(wanted) || wanted.startsWith(other));
    // The same word is nearer than one that it begins with: cifar-100 is cifar100, not cifar10.
    const distance = wanted === other ? 0 : starts ? 1 : editDistance(wanted, other);
    if (distance < least && distance <= Math.max(1, Math.floor(other.length / 3))) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}
