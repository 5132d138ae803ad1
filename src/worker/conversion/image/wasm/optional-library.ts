import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Rejected } from '../../../../core/errors.ts';

/** A library that is loaded: what a thread needs to start it. */
export interface Library {
  /** The path of its JavaScript. */
  library: string;
  /** Its compiled WebAssembly. */
  compiled: unknown;
}

interface OptionalLibrary {
  /** @throws Rejected `image.unsupported_format` if the package is not installed */
  load(): Promise<Library>;
  /** Returns the rejection of an image that the library does not decode. */
  unsupported(why: string, cause?: unknown): Rejected;
}

interface Files {
  /** The format that it decodes, as people name it. */
  format: string;
  packageName: string;
  library: string;
  wasm: string;
}

/** A decoder in WebAssembly that is an optional dependency. Nothing of it is read before it is first needed. */
export function createOptionalLibrary({ format, packageName, library, wasm }: Files): OptionalLibrary {
  let loaded: Promise<Library> | undefined;

  function unsupported(why: string, cause?: unknown): Rejected {
    return new Rejected('image.unsupported_format', `the image is ${format}, and ${why}`, { cause });
  }

  function found(): { library: string; wasm: string } {
    try {
      const { resolve } = createRequire(import.meta.url);
      return { library: resolve(library), wasm: resolve(wasm) };
    } catch (cause) {
      throw unsupported(
        `the optional package ${packageName}, which decodes it, is not installed: run \`npm install ${packageName}\`, or deploy with it, and redrive`,
        cause,
      );
    }
  }

  /** Compiles once for all threads: that takes longer than a small picture. */
  async function load(): Promise<Library> {
    const paths = found();
    const { WebAssembly } = globalThis as unknown as { WebAssembly: { compile(bytes: Uint8Array): unknown } };
    return { library: paths.library, compiled: await WebAssembly.compile(await readFile(paths.wasm)) };
  }

  return {
    unsupported,
    load() {
      loaded ??= load().catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      return loaded;
    },
  };
}
