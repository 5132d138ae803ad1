import { fileTypeFromBuffer } from 'file-type';

/** The number of bytes that file-type needs to detect a content type. */
export const HEAD_BYTES = 4100;

/** Returns the type of content that begins with these bytes, such as `image/png`, or undefined if it is unknown. */
export async function sniff(head: Uint8Array): Promise<string | undefined> {
  try {
    const found = await fileTypeFromBuffer(head);
    if (found !== undefined) return found.mime;
    if (isTiff(head)) return 'image/tiff';
    return isPdf(head) ? 'application/pdf' : undefined;
  } catch {
    // file-type parses further to distinguish some formats, and throws if the content is in none of them.
    return undefined;
  }
}

/** https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2 */
const TIFF_SIGNATURES: ReadonlySet<string> = new Set(['II*\0', 'MM\0*']);

/** file-type looks for a TIFF's first directory, which most programs write after the pixels. */
function isTiff(head: Uint8Array): boolean {
  return TIFF_SIGNATURES.has(Buffer.from(head.subarray(0, 4)).toString('latin1'));
}

/** Where viewers look for the header, before which there may be other bytes: PDF Reference 1.7, appendix H, note 13. */
const PDF_WITHIN_BYTES = 1024;

function isPdf(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, PDF_WITHIN_BYTES)).includes('%PDF-');
}
