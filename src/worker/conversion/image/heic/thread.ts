import type * as Files from 'node:fs';
import type * as Threads from 'node:worker_threads';

/** The thread's input. */
export interface Order {
  bytes: Uint8Array;
  /** Paths of libheif's JavaScript and WebAssembly. */
  library: string;
  wasm: string;
  maxPixels: number;
}

/** The thread's output: the primary image, or the reason why there is none. */
export type Answer =
  | {
      data: Uint8Array;
      width: number;
      height: number;
      channels: 3 | 4;
      /** ICC */
      profile: Uint8Array | undefined;
      /** Code points of ITU-T H.273. */
      nclx: { primaries: number; transfer: number } | undefined;
    }
  | { tooLarge: { width: number; height: number } }
  | { unsupported: string }
  | { damaged: string };

/** https://webassembly.github.io/spec/js-api/#memories */
interface Memory {
  buffer: ArrayBuffer;
  grow(this: Memory, pages: number): number;
}

/** Functions of libheif's C interface, whose pointers are numbers. https://github.com/strukturag/libheif */
type Libheif = Record<string, (...values: number[]) => number> & { HEAPU8: Uint8Array };

/**
 * The function that runs in the thread: decodes the primary image of a HEIC file with libheif. It is passed to the
 * thread as text, so that builds need no separate file for it, and cannot use anything outside of itself.
 */
export function decodeInThread(require: NodeJS.Require): void {
  const { parentPort, workerData } = require('node:worker_threads') as typeof Threads;
  const { readFileSync } = require('node:fs') as typeof Files;
  const { bytes, library, wasm, maxPixels } = workerData as Order;

  // libheif itself, its decoder's tables, and memory proportional to the file and to the picture.
  let maxMemory = 64 * 1024 ** 2 + 2 * bytes.byteLength;
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } };
  const memory = WebAssembly.Memory.prototype;
  const { grow } = memory;
  memory.grow = function limitedGrow(this: Memory, pages: number) {
    if (this.buffer.byteLength + pages * 65_536 > maxMemory) throw new RangeError('beyond the limit');
    return grow.call(this, pages);
  };

  const load = require(library) as (options: object) => Libheif;
  const heif = load({ wasmBinary: readFileSync(wasm) });
  const call = (name: string, ...values: number[]): number => {
    const called = heif[`_${name}`];
    if (typeof called !== 'function') throw new Error(`libheif has no ${name}`);
    return called(...values);
  };
  const view = () => new DataView(heif.HEAPU8.buffer);
  const [error, out] = [call('malloc', 12), call('malloc', 4)];
  const COLORSPACE_RGB = 1;
  const INTERLEAVED = 10;
  const [RGB, RGBA] = [10, 11];
  /** https://github.com/strukturag/libheif/blob/master/libheif/api/libheif/heif_error.h */
  const UNSUPPORTED = new Set([3, 4]);

  /** Calls a function that returns an error through its first argument and a pointer through its last. */
  function pointerOf(name: string, ...values: number[]): number {
    checked(name, ...values, out);
    return view().getUint32(out, true);
  }
  function checked(name: string, ...values: number[]): void {
    call(name, error, ...values);
    const code = view().getInt32(error, true);
    if (code === 0) return;
    const message = textAt(view().getUint32(error + 8, true));
    throw Object.assign(new Error(message), { isUnsupported: UNSUPPORTED.has(code) });
  }
  function textAt(from: number): string {
    return Buffer.from(heif.HEAPU8.subarray(from, heif.HEAPU8.indexOf(0, from))).toString();
  }

  function profileOf(handle: number): Uint8Array | undefined {
    const size = call('heif_image_handle_get_raw_color_profile_size', handle);
    if (size === 0) return undefined;
    const to = call('malloc', size);
    checked('heif_image_handle_get_raw_color_profile', handle, to);
    return heif.HEAPU8.slice(to, to + size);
  }
  function nclxOf(handle: number): { primaries: number; transfer: number } | undefined {
    call('heif_image_handle_get_nclx_color_profile', error, handle, out);
    if (view().getInt32(error, true) !== 0) return undefined;
    const nclx = view().getUint32(out, true);
    return { primaries: view().getInt32(nclx + 4, true), transfer: view().getInt32(nclx + 8, true) };
  }
  function straightened(data: Uint8Array): void {
    for (let at = 0; at < data.byteLength; at += 4) {
      const alpha = data[at + 3] ?? 0;
      if (alpha === 0 || alpha === 255) continue;
      for (let channel = at; channel < at + 3; channel += 1)
        data[channel] = Math.min(255, Math.round(((data[channel] ?? 0) * 255) / alpha));
    }
  }

  function decode(): Answer {
    const context = call('heif_context_alloc');
    const file = call('malloc', bytes.byteLength);
    heif.HEAPU8.set(bytes, file);
    checked('heif_context_read_from_memory_without_copy', context, file, bytes.byteLength, 0);
    const handle = pointerOf('heif_context_get_primary_image_handle', context);
    const size = {
      width: call('heif_image_handle_get_width', handle),
      height: call('heif_image_handle_get_height', handle),
    };
    if (size.width * size.height > maxPixels) return { tooLarge: size };
    const hasAlpha = call('heif_image_handle_has_alpha_channel', handle) !== 0;
    maxMemory += 16 * size.width * size.height;
    const chroma = hasAlpha ? RGBA : RGB;
    checked('heif_decode_image', handle, out, COLORSPACE_RGB, chroma, 0);
    const image = view().getUint32(out, true);
    const width = call('heif_image_get_width', image, INTERLEAVED);
    const height = call('heif_image_get_height', image, INTERLEAVED);
    const plane = call('heif_image_get_plane_readonly', image, INTERLEAVED, out);
    const stride = view().getUint32(out, true);
    const channels = hasAlpha ? 4 : 3;
    const data = new Uint8Array(width * height * channels);
    for (let row = 0; row < height; row += 1) {
      const from = plane + row * stride;
      data.set(heif.HEAPU8.subarray(from, from + width * channels), row * width * channels);
    }
    if (hasAlpha && call('heif_image_handle_is_premultiplied_alpha', handle) !== 0) straightened(data);
    return { data, width, height, channels, profile: profileOf(handle), nclx: nclxOf(handle) };
  }

  function answer(): Answer {
    try {
      return decode();
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      const isUnsupported =
        thrown instanceof Error && 'isUnsupported' in thrown && thrown.isUnsupported === true;
      return isUnsupported ? { unsupported: message } : { damaged: message };
    }
  }
  const said = answer();
  parentPort?.postMessage(said, 'data' in said ? [said.data.buffer as ArrayBuffer] : []);
}
