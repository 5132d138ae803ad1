/**
 * Returns the name of a format without a unique signature: TGA, PCX or SVG.
 * @param contentType as sniffed
 */
export function formatWithoutSignature(
  contentType: string | undefined,
  content: Uint8Array,
): string | undefined {
  const head = Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, 4100));
  const isXml = contentType === undefined || contentType === 'application/xml';
  if (isTga(head)) return 'TGA';
  if (contentType === undefined && isPcx(head)) return 'PCX';
  if (isXml && /<svg[\s>]/.test(head.toString('latin1'))) return 'SVG';
  return undefined;
}

/**
 * Many TGA files look like a cursor file without images.
 * https://www.dca.fee.unicamp.br/~martino/disciplinas/ia369/trabalhos/t2g3.pdf
 */
function isTga(head: Buffer): boolean {
  if (head.byteLength < 18) return false;
  const [colorMap = 0, type = 0, colorBits = 0] = [head[1], head[2], head[7]];
  const hasMap =
    colorMap === 1 ? [15, 16, 24, 32].includes(colorBits) : head.subarray(3, 8).every((byte) => byte === 0);
  return (
    colorMap <= 1 &&
    [1, 2, 3, 9, 10, 11].includes(type) &&
    hasMap &&
    head.readUInt16LE(12) > 0 &&
    head.readUInt16LE(14) > 0 &&
    [8, 15, 16, 24, 32].includes(head[16] ?? 0)
  );
}

/** https://www.fileformat.info/format/pcx/egff.htm */
function isPcx(head: Buffer): boolean {
  const [signature, version = 0, encoding = 0, bits = 0] = head;
  return signature === 0x0a && version <= 5 && encoding <= 1 && [1, 2, 4, 8].includes(bits);
}
