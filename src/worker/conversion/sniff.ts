import { fileTypeFromBuffer } from 'file-type';

/** How many first bytes tell what content is: file-type's own choice. */
export const HEAD_BYTES = 4100;

/** Returns the content type of what begins with these bytes, such as `image/png`; undefined if they are of no known format. */
export async function sniff(head: Uint8Array): Promise<string | undefined> {
  try {
    const found = await fileTypeFromBuffer(head);
    // file-type looks for the first directory of a TIFF, which most programs write behind the pixels.
    return found?.mime ?? (isTiff(head) ? 'image/tiff' : undefined);
  } catch {
    // Some formats are told apart by parsing further; where that fails, the bytes are of none of them.
    return undefined;
  }
}

/** https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2 */
const TIFF_SIGNATURES: ReadonlySet<string> = new Set(['II*\0', 'MM\0*']);

function isTiff(head: Uint8Array): boolean {
  return TIFF_SIGNATURES.has(Buffer.from(head.subarray(0, 4)).toString('latin1'));
}
