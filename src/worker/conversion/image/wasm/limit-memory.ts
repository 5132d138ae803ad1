/** https://webassembly.github.io/spec/js-api/#memories */
interface Memory {
  buffer: ArrayBuffer;
  grow(this: Memory, pages: number): number;
}

/** https://webassembly.github.io/spec/js-api/#instances */
interface Wasm {
  Memory: { prototype: Memory };
  Instance: new (module: unknown, imports: object) => { exports: object };
}

/** Starts a library's compiled WebAssembly, as Emscripten's `instantiateWasm`. */
export type Instantiate = (imports: object, receive: (instance: object) => unknown) => object;

/** A library's memory. */
export interface LimitedMemory {
  /** Raises the limit by these bytes. */
  allow(more: number): void;
  instantiate(compiled: unknown): Instantiate;
}

export type LimitMemory = typeof limitMemory;

/**
 * Limits the memory of the WebAssembly that this thread starts. It is passed to the thread as text, like the programs
 * that use it, and cannot use anything outside of itself.
 * @param most bytes
 */
export function limitMemory(most: number): LimitedMemory {
  const { Memory, Instance } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
  const memory = Memory.prototype;
  const { grow } = memory;
  let limit = most;
  memory.grow = function limitedGrow(this: Memory, pages: number) {
    if (this.buffer.byteLength + pages * 65_536 > limit) throw new RangeError('beyond the limit');
    return grow.call(this, pages);
  };
  return {
    allow(more) {
      limit += more;
    },
    instantiate: (compiled) => (imports, receive) => {
      const instance = new Instance(compiled, imports);
      receive(instance);
      return instance.exports;
    },
  };
}
