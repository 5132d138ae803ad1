/**
 * Encodes a path again that API Gateway has decoded, as HTTP APIs do with `rawPath`, so that what reads it as part
 * of a URL meets the same characters: a `%41` of a key would become `A`, and a `#` or `?` would end the path.
 *
 * The segments `.` and `..` get an encoded slash for their next one: as segments of a URL they would be resolved,
 * however they are encoded, and the key `a/../b` would be taken for `b`.
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
