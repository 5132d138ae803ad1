import { describe, expect, it } from 'vitest';
import { withCleanups, type Cleanups } from '../../src/local/cleanups.ts';

/** Starts two parts. */
function startParts(cleanups: Cleanups, stopped: string[]): void {
  cleanups.add(() => void stopped.push('first'));
  cleanups.add(async () => {
    await Promise.resolve();
    stopped.push('second');
  });
}

describe('the parts of a pipeline', () => {
  it('are stopped in reverse order if another part does not start', async () => {
    const stopped: string[] = [];
    const failure = new Error('the port is taken');
    const started = withCleanups(async (cleanups) => {
      startParts(cleanups, stopped);
      throw failure;
    });
    await expect(started).rejects.toBe(failure);
    expect(stopped).toEqual(['second', 'first']);
  });

  it('keep running after the start, and are stopped once', async () => {
    const stopped: string[] = [];
    const running = await withCleanups(async (cleanups) => {
      startParts(cleanups, stopped);
      return cleanups;
    });
    expect(stopped).toEqual([]);
    await running.run();
    await running.run();
    expect(stopped).toEqual(['second', 'first']);
  });
});
