import * as z from 'zod';
import type { MetricsMinute } from '../api/deps.ts';
import type { WorkerCounter } from '../core/metric-names.ts';
import { parseJson } from '../core/parse-json.ts';

/** The worker's metrics for the last sixty minutes, as from CloudWatch on AWS. */
export interface LocalMetrics {
  /** Reads a line from a worker process. Ignores lines that are not metrics. */
  take(line: string): void;
  /** Returns the minutes, oldest first. */
  minutes(): MetricsMinute[];
}

const MINUTES = 60;
const MINUTE = 60_000;

/**
 * The counters in a line of the embedded metric format; a batch gives a list of values.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const value = z
  .union([z.number(), z.array(z.number())])
  .default(0)
  .transform((counted) =>
    typeof counted === 'number' ? counted : counted.reduce((sum, each) => sum + each, 0),
  );
const lineSchema = z.object({
  _aws: z.object({ Timestamp: z.number() }),
  Converted: value,
  Rejected: value,
  Failed: value,
} satisfies Partial<Record<WorkerCounter | '_aws', z.ZodType>>);

/** @param now milliseconds since the epoch, by the clock of the worker's processes */
export function createMetrics(now: () => number): LocalMetrics {
  const byMinute = new Map<number, Omit<MetricsMinute, 'at'>>();

  function countsOf(minute: number): Omit<MetricsMinute, 'at'> {
    return byMinute.get(minute) ?? { converted: 0, rejected: 0, failed: 0 };
  }

  return {
    take(line) {
      // Avoids parsing log lines, which are the majority.
      if (!line.includes('"_aws"')) return;
      const parsed = lineSchema.safeParse(parseJson(line));
      if (!parsed.success) return;
      const { _aws, Converted, Rejected, Failed } = parsed.data;
      const minute = Math.floor(_aws.Timestamp / MINUTE);
      const counts = countsOf(minute);
      byMinute.set(minute, {
        converted: counts.converted + Converted,
        rejected: counts.rejected + Rejected,
        failed: counts.failed + Failed,
      });
      const oldest = Math.floor(now() / MINUTE) - MINUTES;
      for (const known of byMinute.keys()) if (known <= oldest) byMinute.delete(known);
    },
    minutes() {
      const last = Math.floor(now() / MINUTE);
      return Array.from({ length: MINUTES }, (_, index) => {
        const minute = last - MINUTES + 1 + index;
        return { at: new Date(minute * MINUTE).toISOString(), ...countsOf(minute) };
      });
    },
  };
}
