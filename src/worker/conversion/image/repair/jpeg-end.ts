/** The end marker of a JPEG. */
export const JPEG_END = Buffer.of(0xff, 0xd9);
