import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { defined } from '../../../../core/defined.ts';
import type { Pixels } from '../../../../core/conversion.ts';
import { Rejected } from '../../../../core/errors.ts';
import { checkPixels } from '../check-pixels.ts';
import { fromCodes, isHdr } from '../color/code-points.ts';
import type { HdrCodes } from '../color/hdr-png.ts';
import { rgbProfile } from '../color/icc-profile.ts';
import { isSrgb } from '../color/rgb-space.ts';
import { corrupt } from '../corrupt.ts';
import { TOO_SLOW } from '../errors.ts';
import type { ImageLimits } from '../limits.ts';
import { decodeInThread, type Answer, type Order } from './thread.ts';

const LIBRARY = 'libheif-js/libheif-wasm/libheif.js';
const WASM = 'libheif-js/libheif-wasm/libheif.wasm';

/** Megabytes for the thread's own JavaScript. Pixels and libheif's memory are not part of it. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 };

/** tsx wraps functions in this helper to keep their names. */
const PRELUDE = 'var __name = (wrapped) => wrapped;';

/** A decoded image, upright. */
export interface Heic {
  /** Of 8 bits per channel, except HDR with more. */
  pixels: Pixels;
  /** ICC; undefined means sRGB, except for HDR. */
  profile?: Uint8Array;
  hdr?: HdrCodes;
}

/**
 * Decodes the primary image of a HEIC file, in a thread that is terminated at the time limit, because libheif cannot be
 * interrupted.
 * @throws Rejected
 */
export async function decodeHeic(bytes: Uint8Array, limits: ImageLimits): Promise<Heic> {
  const answer = await answerTo({ bytes, ...(await libheif()), maxPixels: limits.pixels }, limits.deadline);
  if ('tooLarge' in answer) checkPixels(answer.tooLarge, 1, limits);
  if ('unsupported' in answer) throw unsupported(`it has what libheif cannot decode: ${answer.unsupported}`);
  if ('damaged' in answer) throw corrupt(answer.damaged);
  if (!('data' in answer)) throw new Error('expected pixels of a HEIC');
  const { data, width, height, channels } = answer;
  const profile = profileOf(answer);
  const hdr = profile === undefined ? hdrOf(answer) : undefined;
  return { pixels: { data, width, height, channels }, ...defined({ profile, hdr }) };
}

type Libheif = Pick<Order, 'library' | 'compiled'>;

let loaded: Promise<Libheif> | undefined;

/** Finds the optional package, and compiles it once for all threads: that takes longer than a small picture. */
function libheif(): Promise<Libheif> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<Libheif> {
  const { resolve } = createRequire(import.meta.url);
  const { library, wasm } = found(resolve);
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { compile(bytes: Uint8Array): unknown } };
  return { library, compiled: await WebAssembly.compile(await readFile(wasm)) };
}

function found(resolve: NodeJS.RequireResolve): { library: string; wasm: string } {
  try {
    return { library: resolve(LIBRARY), wasm: resolve(WASM) };
  } catch (cause) {
    throw unsupported(
      'the optional package libheif-js, which decodes it, is not installed: run `npm install libheif-js`, or deploy with it, and redrive',
      cause,
    );
  }
}

function unsupported(why: string, cause?: unknown): Rejected {
  return new Rejected('image.unsupported_format', `the image is HEIC, and ${why}`, { cause });
}

async function answerTo(workerData: Order, deadline: number): Promise<Answer> {
  const thread = new Worker(`${PRELUDE}(${decodeInThread.toString()})(require)`, {
    eval: true,
    workerData,
    resourceLimits: RESOURCE_LIMITS,
    // libheif and its JavaScript print warnings there.
    stdout: true,
    stderr: true,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const left = deadline - performance.now();
      timer = setTimeout(() => reject(new Rejected('conversion.timeout', TOO_SLOW)), left);
      thread.once('message', resolve);
      // Damaged files can cause a WebAssembly trap or a stack overflow.
      thread.once('error', (error) => resolve({ damaged: `libheif failed: ${error.message}` }));
      thread.once('exit', () => resolve({ damaged: 'libheif ended without an answer' }));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}

type Decoded = Extract<Answer, { data: Uint8Array }>;

function hdrOf({ nclx, bits, brightest }: Decoded): HdrCodes | undefined {
  if (nclx === undefined || !isHdr(nclx.transfer)) return undefined;
  return { ...nclx, bits, ...defined(brightest) };
}

/** An ICC profile takes precedence over code points, as in browsers. */
function profileOf({ profile, nclx }: Decoded): Uint8Array | undefined {
  if (profile !== undefined && Buffer.from(profile).toString('latin1', 16, 20) === 'RGB ') return profile;
  const space = nclx === undefined ? undefined : fromCodes(nclx.primaries, nclx.transfer);
  return space === undefined || isSrgb(space) ? undefined : rgbProfile(space);
}
