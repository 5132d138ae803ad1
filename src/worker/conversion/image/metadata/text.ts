/** Texts in metadata, which are bytes in EXIF and IPTC. */

const MOST_CHARACTERS = 1000;
/** Everything that XML, or a line of text, cannot contain. */
const CONTROLS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]+/gu;

/** Returns texts in one line, separated by commas; undefined if they say nothing. */
export function oneLine(parts: readonly string[]): string | undefined {
  const lines = parts.map((part) => part.replaceAll(CONTROLS, ' ').trim());
  const text = lines.filter((line) => line !== '').join(', ');
  return text === '' ? undefined : Array.from(text).slice(0, MOST_CHARACTERS).join('');
}

/**
 * Decodes a text without a declared coding. The standards say ASCII or Latin-1, but programs write UTF-8 or Windows-1252.
 * @param isCut whether the last character may be incomplete
 */
export function decoded(bytes: Uint8Array, isCut = false): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
