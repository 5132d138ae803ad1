import type * as Threads from 'node:worker_threads';
import type { Damaged } from '../wasm/in-thread.ts';
import type { LimitMemory } from '../wasm/limit-memory.ts';
import type { Library } from '../wasm/optional-library.ts';

/** The thread's input. */
export interface Order extends Library {
  bytes: Uint8Array;
  maxPixels: number;
}

/** The thread's output: the primary image, or the reason why there is none. */
export type Answer =
  | {
      data: Uint8Array;
      width: number;
      height: number;
      channels: 3 | 4;
      /** Bits per channel. 16-bit values are little-endian. */
      bits: 8 | 16;
      /** ICC */
      profile: Uint8Array | undefined;
      /** Code points of ITU-T H.273. */
      nclx: { primaries: number; transfer: number } | undefined;
      /** In cd/m², if the file states it. */
      brightest: {
        /** The maximum content light level. */
        content: number | undefined;
        /** The maximum luminance of the mastering display. */
        display: number | undefined;
      };
    }
  | { tooLarge: { width: number; height: number } }
  | { unsupported: string }
  | Damaged;

/** Functions of libheif's C interface, whose pointers are numbers. https://github.com/strukturag/libheif */
type Libheif = Record<string, (...values: number[]) => number> & { HEAPU8: Uint8Array };

/**
 * The thread's program: decodes the primary image of a HEIC file with libheif.
 */
export function decodeInThread(require: NodeJS.Require, limit: LimitMemory): void {
  const { parentPort, workerData } = require('node:worker_threads') as typeof Threads;
  const { bytes, library, compiled, maxPixels } = workerData as Order;

  // libheif itself, its decoder's tables, and memory proportional to the file and to the picture.
  const memory = limit(64 * 1024 ** 2 + 2 * bytes.byteLength);
  const load = require(library) as (options: object) => Libheif;
  const heif = load({ instantiateWasm: memory.instantiate(compiled) });
  const call = (name: string, ...values: number[]): number => {
    const called = heif[`_${name}`];
    if (typeof called !== 'function') throw new Error(`libheif has no ${name}`);
    return called(...values);
  };
  const view = () => new DataView(heif.HEAPU8.buffer);
  const [error, out] = [call('malloc', 12), call('malloc', 4)];
  const COLORSPACE_RGB = 1;
  const INTERLEAVED = 10;
  /** Formats of interleaved RGB: without and with alpha, and both with 16 bits, little-endian. */
  const [RGB, RGBA, RGB16, RGBA16] = [10, 11, 14, 15];
  /** PQ and HLG in `nclx`, of which 8 bits would show steps. */
  const HDR = new Set([16, 18]);
  /** Of luminance, per cd/m². */
  const UNITS = 10_000;
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
  function brightestOf(handle: number): { content: number | undefined; display: number | undefined } {
    const struct = call('malloc', 24);
    const has = (name: string) => call(`heif_image_handle_get_${name}`, handle, struct) !== 0;
    const content = has('content_light_level') ? view().getUint16(struct, true) : undefined;
    const display = has('mastering_display_colour_volume')
      ? view().getUint32(struct + 16, true) / UNITS
      : undefined;
    return { content, display };
  }
  /** Scales values of some bits to 16 bits, in place. */
  function scaled(values: Uint16Array, bits: number): void {
    const factor = 65_535 / (2 ** bits - 1);
    for (let at = 0; at < values.length; at += 1)
      values[at] = Math.min(65_535, Math.round((values[at] ?? 0) * factor));
  }
  function straightened(values: Uint8Array | Uint16Array): void {
    const most = values instanceof Uint16Array ? 65_535 : 255;
    for (let at = 0; at < values.length; at += 4) {
      const alpha = values[at + 3] ?? 0;
      if (alpha === 0 || alpha === most) continue;
      for (let channel = at; channel < at + 3; channel += 1)
        values[channel] = Math.min(most, Math.round(((values[channel] ?? 0) * most) / alpha));
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
    const [profile, nclx] = [profileOf(handle), nclxOf(handle)];
    const isDeep =
      profile === undefined &&
      HDR.has(nclx?.transfer ?? 0) &&
      call('heif_image_handle_get_luma_bits_per_pixel', handle) > 8;
    memory.allow((isDeep ? 24 : 16) * size.width * size.height);
    const [opaque, transparent] = isDeep ? [RGB16, RGBA16] : [RGB, RGBA];
    checked('heif_decode_image', handle, out, COLORSPACE_RGB, hasAlpha ? transparent : opaque, 0);
    const image = view().getUint32(out, true);
    const width = call('heif_image_get_width', image, INTERLEAVED);
    const height = call('heif_image_get_height', image, INTERLEAVED);
    const plane = call('heif_image_get_plane_readonly', image, INTERLEAVED, out);
    const stride = view().getUint32(out, true);
    const channels = hasAlpha ? 4 : 3;
    const rowBytes = width * channels * (isDeep ? 2 : 1);
    const data = new Uint8Array(rowBytes * height);
    for (let row = 0; row < height; row += 1) {
      const from = plane + row * stride;
      data.set(heif.HEAPU8.subarray(from, from + rowBytes), row * rowBytes);
    }
    const values = isDeep ? new Uint16Array(data.buffer) : data;
    if (values instanceof Uint16Array)
      scaled(values, call('heif_image_get_bits_per_pixel_range', image, INTERLEAVED));
    if (hasAlpha && call('heif_image_handle_is_premultiplied_alpha', handle) !== 0) straightened(values);
    const bits = isDeep ? 16 : 8;
    return { data, width, height, channels, bits, profile, nclx, brightest: brightestOf(handle) };
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
