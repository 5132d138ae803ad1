/**
 * Frees a buffer's memory at once. Nothing may read it any more, including native code. The contents and pixels of
 * photos are outside of the heap; if they wait for the garbage collector, it collects the whole heap for every few
 * photos (B1 in docs/performance.md). Has no effect before Node 22, or if the buffer shares its memory.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer.byteLength === byteLength)
    (buffer as { transfer?(newByteLength: number): unknown }).transfer?.(0);
}
