/** Returns the codes that are spelled most like a text, best first. */
export function nearestCodes(text: string, codes: readonly string[]): string[] {
  const wanted = text.toLowerCase();
  // Far from all of them, it is no typing mistake.
  const limit = Math.max(3, Math.ceil(wanted.length / 2));
  return codes
    .map((code) => ({ code, distance: Math.min(distance(wanted, code), distanceToPart(wanted, code)) }))
    .filter((each) => each.distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ code }) => code);
}

/** `corrupt` means `image.corrupt`. */
function distanceToPart(wanted: string, code: string): number {
  return Math.min(...code.split('.').map((part) => distance(wanted, part)));
}

/** How many characters must be inserted, deleted or replaced (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
