/**
 * Reads a body into memory of its known length while it arrives. If its chunks were kept until the end, they would take
 * as much memory again, and the garbage collector would have to move them.
 * @param length in bytes
 * @throws Error when the body has another length
 */
export async function readWhole(body: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafeSlow(length);
  let bytes = 0;
  for await (const chunk of body) {
    if (bytes + chunk.byteLength <= length) whole.set(chunk, bytes);
    bytes += chunk.byteLength;
  }
  if (bytes !== length) throw new Error(`the body has ${bytes} bytes instead of ${length}`);
  return whole;
}
