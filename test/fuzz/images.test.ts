import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CODES } from '../../src/core/codes.ts';
import type { ImageAnswer } from './image-process.ts';
import { LIMIT_SECONDS } from './image-limits.ts';
import { cases, FUZZ_SEED } from '../support/fuzz.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const CASES = cases(2_000);
/** A case that takes this long hangs. It is far beyond the recipe's limit. */
const HANGS_AFTER_MS = 60_000;
/**
 * CPU time that the process may use, on all cores for the recipe's time limit, and for reading the header. Wall time
 * depends on the machine's other load.
 */
const CPU_SECONDS = (LIMIT_SECONDS + 1) * availableParallelism();
/** A decoded image with the recipe's maximum number of pixels, in two forms, and the process itself. */
const MEMORY_BYTES = 1024 ** 3;

let child: ChildProcess;

beforeAll(async () => {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  child = fork(fileURLToPath(new URL('image-process.ts', import.meta.url)), {
    execArgv: ['--import', loader],
    // libvips writes its warnings there.
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  await answer('the start');
}, HANGS_AFTER_MS);

afterAll(() => child.kill('SIGKILL'));

/** Returns the process's next answer, or an error if it dies or hangs first. */
async function answer(to: string): Promise<ImageAnswer> {
  const settled = new AbortController();
  const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(HANGS_AFTER_MS)]);
  const died = once(child, 'exit', { signal }).then(([code, killedBy]) => {
    throw new Error(`${to} ended the process: ${code ?? killedBy}`);
  });
  died.catch(() => undefined);
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), died])) as [ImageAnswer];
    return message;
  } finally {
    settled.abort();
  }
}

it(`a damaged image is converted or rejected with a code, in each of ${CASES.toLocaleString('en')} cases`, async () => {
  const codes = new Map<string, number>();
  for (let seed = FUZZ_SEED; seed < FUZZ_SEED + CASES; seed += 1) {
    child.send(seed);
    const settled = await answer(`case ${seed}`);
    if ('ready' in settled) throw new Error('the process began anew');
    expect(settled.wrong, `case ${seed}`).toBeUndefined();
    expect([...Object.keys(CODES), 'converted']).toContain(settled.code);
    expect(settled.cpuSeconds, `case ${seed}`).toBeLessThan(CPU_SECONDS);
    expect(settled.maxRssBytes, `after case ${seed}`).toBeLessThan(MEMORY_BYTES);
    codes.set(settled.code, (codes.get(settled.code) ?? 0) + 1);
  }
  // Damage that never or always matters would test little.
  expect(codes.get('converted')).toBeGreaterThan(CASES / 50);
  expect(codes.get('image.corrupt')).toBeGreaterThan(CASES / 4);
  expect(codes.get('image.too_many_pixels')).toBeGreaterThan(CASES / 200);
  expect(codes.get('image.unsupported_format')).toBeGreaterThan(CASES / 200);
});
