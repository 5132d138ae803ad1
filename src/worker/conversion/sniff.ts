import { fileTypeFromBuffer } from 'file-type';

/** How many first bytes tell what content is: file-type's own choice. */
export const HEAD_BYTES = 4100;

/** Returns the content type of what begins with these bytes, such as `image/png`; undefined if they are of no known format. */
export async function sniff(head: Uint8Array): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(head))?.mime;
  } catch {
    // Some formats are told apart by parsing further; where that fails, the bytes are of none of them.
    return undefined;
  }
}
