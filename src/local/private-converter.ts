import { withCleanups } from './cleanups.ts';
import { startConverter } from './converter.ts';
import type { ConverterOptions } from './pipeline-options.ts';
import type { RunningConverter } from './running-pipeline.ts';

/**
 * Starts the part of a pipeline that converts, for a program that queues each of its files once and waits for the
 * results. It has no API and no alarms, and no idempotency because there are no duplicates.
 */
export function startPrivateConverter(
  options: Pick<ConverterOptions, 'recipe' | 'concurrency' | 'configFile' | 'onNotice'> &
    Required<Pick<ConverterOptions, 'files'>>,
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
