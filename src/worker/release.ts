/**
 * Frees a buffer's memory at once. Nothing may read the buffer afterward, including native code. File contents and
 * pixels are outside the heap. If they are left to the garbage collector, it runs a full collection every few photos
 * (B1 in docs/performance.md). Has no effect before Node 22, or if the buffer shares its memory.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer.byteLength === byteLength)
    (buffer as { transfer?(newByteLength: number): unknown }).transfer?.(0);
}
