import type * as Threads from 'node:worker_threads';
import type { Size } from '../../../../core/geometry.ts';
import type { Damaged } from '../wasm/in-thread.ts';
import type { Instantiate, LimitMemory } from '../wasm/limit-memory.ts';
import type { Library } from '../wasm/optional-library.ts';

/** The thread's input. */
export interface Order extends Library {
  bytes: Uint8Array;
  /** From 1. */
  page: number;
  /** Bytes that PDFium may use before it draws. */
  maxMemory: number;
}

/** What the thread says of a page, in points: the reply is the `Size` to draw it at, in pixels. */
export interface Measured {
  points: Size;
}

/** The thread's answer: the page on white, in RGB, or the reason why there is none. */
export type Answer =
  | { data: Uint8Array }
  /** The number of pages, which are fewer than the page that was asked for. */
  | { pages: number }
  | { needsPassword: true }
  | { needsMemory: true }
  | Damaged;

/** PDFium's functions. https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdfview.h */
interface Pdfium {
  wasmExports: Record<string, (...values: number[]) => number>;
  HEAPU8: Uint8Array;
}

interface Imports {
  env: { emscripten_resize_heap: (bytes: number) => boolean };
}

/** The thread's program: draws a page of a PDF with PDFium. */
export async function drawInThread(require: NodeJS.Require, limit: LimitMemory): Promise<void> {
  const { parentPort, workerData } = require('node:worker_threads') as typeof Threads;
  const { bytes, library, compiled, page: number, maxMemory } = workerData as Order;

  const PASSWORD_ERRORS = new Set([4, 5]);
  /** Blue, green, red, and a byte without a meaning. */
  const BGRX = 3;
  const WHITE = 0xff_ff_ff_ff;
  /** Annotations, and everything as it is printed. */
  const FLAGS = 0x01 | 0x800;

  const NO_FORM = 0;
  /** Of `FPDF_FORMFILLINFO`, whose size no function tells; it has 140 bytes. */
  const [FORM_INFO_BYTES, FORM_INFO_VERSION] = [256, 2];

  const memory = limit(maxMemory);
  let needsMemory = false;
  /** PDFium leaves out what it has no memory for, and says nothing. */
  const instantiateWasm: Instantiate = (imports, receive) => {
    const { env } = imports as Imports;
    const resize = env.emscripten_resize_heap;
    env.emscripten_resize_heap = (size) => {
      const has = resize(size);
      needsMemory ||= !has;
      return has;
    };
    return memory.instantiate(compiled)(imports, receive);
  };

  /** Returns a `FPDF_FORMFILLINFO` without callbacks: nothing of a form runs. */
  function formInfo(pdfium: Pdfium, call: (name: string, ...values: number[]) => number): number {
    const info = call('malloc', FORM_INFO_BYTES);
    pdfium.HEAPU8.fill(0, info, info + FORM_INFO_BYTES);
    pdfium.HEAPU8[info] = FORM_INFO_VERSION;
    return info;
  }

  async function draw(): Promise<Answer> {
    const { PDFiumModule } = require(library) as {
      PDFiumModule: (options: { instantiateWasm: Instantiate }) => Promise<Pdfium>;
    };
    const pdfium = await PDFiumModule({ instantiateWasm });
    const call = (name: string, ...values: number[]): number => {
      const called = pdfium.wasmExports[name];
      if (typeof called !== 'function') throw new Error(`PDFium has no ${name}`);
      return called(...values);
    };
    call('FPDF_InitLibrary');
    const file = call('malloc', bytes.byteLength);
    pdfium.HEAPU8.set(bytes, file);
    const document = call('FPDF_LoadMemDocument64', file, bytes.byteLength, 0);
    if (document === 0) {
      if (PASSWORD_ERRORS.has(call('FPDF_GetLastError'))) return { needsPassword: true };
      return { damaged: 'it is not a PDF, or its objects cannot be found' };
    }
    const pages = call('FPDF_GetPageCount', document);
    if (pages < 1) return { damaged: 'it has no pages' };
    if (number > pages) return { pages };
    const page = call('FPDF_LoadPage', document, number - 1);
    if (page === 0) return { damaged: `its page ${number} cannot be read` };
    const points = {
      width: call('FPDF_GetPageWidthF', page),
      height: call('FPDF_GetPageHeightF', page),
    };
    const hasSize = [points.width, points.height].every((side) => side > 0 && Number.isFinite(side));
    if (!hasSize) return { damaged: `its page ${number} has no size` };

    const { width, height } = await new Promise<Size>((resolve) => {
      parentPort?.once('message', resolve);
      parentPort?.postMessage({ points } satisfies Measured, []);
    });
    // The page itself, and groups of objects that it draws on their own.
    memory.allow(16 * width * height);
    const bitmap = call('FPDFBitmap_CreateEx', width, height, BGRX, 0, 0);
    if (bitmap === 0) return { needsMemory: true };
    call('FPDFBitmap_FillRect', bitmap, 0, 0, width, height, WHITE);
    call('FPDF_RenderPageBitmap', bitmap, page, 0, 0, width, height, 0, FLAGS);
    if (call('FPDF_GetFormType', document) !== NO_FORM) {
      const form = call('FPDFDOC_InitFormFillEnvironment', document, formInfo(pdfium, call));
      call('FORM_OnAfterLoadPage', page, form);
      call('FPDF_FFLDraw', form, bitmap, page, 0, 0, width, height, 0, FLAGS);
    }
    const [from, stride] = [call('FPDFBitmap_GetBuffer', bitmap), call('FPDFBitmap_GetStride', bitmap)];
    const drawn = pdfium.HEAPU8;
    const data = new Uint8Array(width * height * 3);
    let to = 0;
    for (let row = 0; row < height; row += 1) {
      const start = from + row * stride;
      for (let at = start; at < start + width * 4; at += 4) {
        data[to] = drawn[at + 2] ?? 0;
        data[to + 1] = drawn[at + 1] ?? 0;
        data[to + 2] = drawn[at] ?? 0;
        to += 3;
      }
    }
    return { data };
  }

  async function answer(): Promise<Answer> {
    try {
      const drawn = await draw();
      return needsMemory ? { needsMemory } : drawn;
    } catch (thrown) {
      if (needsMemory) return { needsMemory };
      return { damaged: `PDFium failed: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
    }
  }
  const said = await answer();
  parentPort?.postMessage(said, 'data' in said ? [said.data.buffer as ArrayBuffer] : []);
}
