import leven from 'leven';

/** Returns the codes with the most similar spelling, best first. */
export function nearestCodes(text: string, codes: readonly string[]): string[] {
  const wanted = text.toLowerCase();
  // A text far from every code is not a typo.
  const limit = Math.max(3, Math.ceil(wanted.length / 2));
  return codes
    .map((code) => ({ code, distance: Math.min(leven(wanted, code), distanceToPart(wanted, code)) }))
    .filter((each) => each.distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ code }) => code);
}

/** Returns whether a text is a code with one or two typos. */
export function isMistyped(text: string, codes: readonly string[]): boolean {
  return codes.some((code) => leven(text, code) <= 2);
}

/** `corrupt` means `image.corrupt`. */
function distanceToPart(wanted: string, code: string): number {
  return Math.min(...code.split('.').map((part) => leven(wanted, part)));
}
