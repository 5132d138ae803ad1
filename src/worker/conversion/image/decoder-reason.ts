/**
 * Returns the line of a decoder's error that explains it. libvips and sharp surround it with lines that say only that
 * something failed, and often put it last.
 */

const PREFIXES =
  /^(Input (buffer|file) has corrupt header: *|Warning treated as error due to failOn setting|(vips\w*|\w+2vips|webp|heif|source|source input|image|\w+load(_\w+)?|\w+save(_\w+)?): +)/i;

/** Lines that do not name a cause. */
const EMPTY = /^(bad seek to \d+|error in tile .*|(libpng )?read error|decompress error tile .*|)$/i;

/** Explanations of lines, for readers who know the image but not the decoder. The first match wins. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /premature end|unexpected end|not enough data|read error at|outside of file bounds|insufficient input|file size too small|bad seek/i,
    'its data ends too early',
  ],
  [/CRC error|incorrect data check/i, 'a checksum does not match its data'],
  [
    /huffman code|invalid (distance|code|bit length|literal|block|stored|frame data)|code not yet in table|bad code word|adaptive filter|corrupt frame|unable to read pixels|line length/i,
    'its compressed data is damaged',
  ],
  [
    /bogus|invalid|unsupported (marker|image format)|unable to parse|bad (image )?dimensions|not defined|before SOF|no image|missing|directory|out of range|no '/i,
    'its header is damaged',
  ],
];

/** Returns why an image could not be decoded, such as "its data ends too early (premature end of JPEG image)". */
export function decoderReason(error: string): string {
  const lines = error.split('\n').map(withoutPrefixes);
  const line = lines.find((each) => !EMPTY.test(each)) ?? lines.find((each) => each !== '');
  if (line === undefined) return 'its header is damaged';
  const [, meaning] = MEANINGS.find(([pattern]) => pattern.test(line)) ?? [];
  return meaning === undefined ? line : `${meaning} (${line})`;
}

function withoutPrefixes(line: string): string {
  const rest = line.replace(PREFIXES, '').trim();
  return rest === line ? rest : withoutPrefixes(rest);
}
