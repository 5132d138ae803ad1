/**
 * Returns a body that is sent without a length, in pieces of the given size.
 * @param framed whether each piece is a chunk of an `aws-chunked` body
 */
export function chunkedBody(bytes: number, piece: number, framed = false): ReadableStream<Uint8Array> {
  const content = new Uint8Array(piece).fill(0x20);
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const part = content.subarray(0, Math.min(piece, left));
      left -= part.byteLength;
      if (!framed) controller.enqueue(part);
      else if (part.byteLength > 0) {
        const size = Buffer.from(`${part.byteLength.toString(16)}\r\n`);
        controller.enqueue(Buffer.concat([size, part, Buffer.from('\r\n')]));
      }
      if (left > 0) return;
      if (framed) controller.enqueue(Buffer.from('0\r\n\r\n'));
      controller.close();
    },
  });
}
