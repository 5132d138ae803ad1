import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, vi } from 'vitest';
import * as heapGrowth from '../../src/cli/heap-growth.ts';
import { millraceHere } from '../support/command-here.ts';

const run = promisify(execFile);

vi.mock('../../src/cli/heap-growth.ts', () => ({ limitHeapGrowth: vi.fn<() => void>() }));

const fileOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Returns the largest heap, in bytes, of a process whose objects live for a while, as a listing's do. */
async function largestHeap(module: string, limit: string): Promise<number> {
  const program = `
    import { getHeapStatistics } from 'node:v8';
    import * as heapGrowth from ${JSON.stringify(fileOf(module))};
    heapGrowth.${limit}();
    const recent = [];
    let largest = 0;
    for (let each = 0; each < 1_000_000; each += 1) {
      recent[each % 100_000] = { each, name: 'key ' + each, versions: [each] };
      if (each % 2000 === 0) largest = Math.max(largest, getHeapStatistics().used_heap_size);
    }
    process.stdout.write(String(largest));`;
  // With few young objects, the heap is as large as the limit lets it be.
  const options = ['--max-semi-space-size=1', '--import', 'tsx', '--input-type=module', '--eval', program];
  return Number((await run(process.execPath, options)).stdout);
}

it('a heap whose growth is limited is much smaller', async () => {
  const limited = await largestHeap('src/cli/heap-growth.ts', 'limitHeapGrowth');
  const grown = await largestHeap('src/worker/heap-growth.ts', 'growHeap');
  expect(limited).toBeLessThan(0.7 * grown);
});

it.each(['status', 'backfill'])('millrace %s limits its growth', async (command) => {
  // Nothing listens there.
  await millraceHere(command, '', '--endpoint', 'http://127.0.0.1:1');
  expect(heapGrowth.limitHeapGrowth).toHaveBeenCalledOnce();
  vi.clearAllMocks();
});
