import { withCleanups } from './cleanups.ts';
import { startConverter } from './converter.ts';
import type { ConverterOptions } from './pipeline-options.ts';
import type { RunningConverter } from './running-pipeline.ts';

/**
 * Starts what converts for a program that uploads each key once and waits for the results: no API, no alarms, and no
 * idempotency, because there are no duplicates to spare.
 */
export function startPrivateConverter(
  options: Pick<ConverterOptions, 'recipe' | 'concurrency' | 'configFile' | 'onNotice'>,
): Promise<RunningConverter> {
  return withCleanups(async (cleanups) => {
    const converter = await startConverter(
      { ...options, awsPort: 0, completions: true, idempotency: false },
      cleanups,
    );
    await converter.ready;
    return converter.running;
  });
}
