/**
 * Encodes a path that API Gateway has decoded, as HTTP APIs do with `rawPath`, so that URL parsing returns the same
 * characters: otherwise, `%41` in a key would become `A`, and `#` or `?` would end the path.
 *
 * Encodes the slash after the segments `.` and `..`, because URL parsing would resolve them in any encoding, and take
 * the key `a/../b` for `b`.
 * https://url.spec.whatwg.org/#double-dot-path-segment
 */
export function encodedPath(decoded: string): string {
  const segments = decoded.toWellFormed().split('/');
  const dots = (segment: string | undefined) => segment === '.' || segment === '..';
  return segments
    .map((segment, index) => {
      if (index === 0) return encodeURIComponent(segment);
      const last = index === segments.length - 1;
      const resolved = dots(segments[index - 1]) || (last && dots(segment));
      return `${resolved ? '%2F' : '/'}${encodeURIComponent(segment)}`;
    })
    .join('');
}
