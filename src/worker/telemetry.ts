import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import {
  PHASE_METRICS,
  REJECTED_BY_CODE,
  type ByteCounter,
  type Phase,
  type WorkerCounter,
} from '../core/metric-names.ts';

type Keys = Readonly<Record<string, string | number | boolean | undefined>>;

/** Logs and metrics. Each line has the keys of the enclosing `within` calls: message id, lane, object. */
export interface Telemetry {
  within<T>(keys: Keys, run: () => Promise<T>): Promise<T>;
  info(message: string, keys?: Keys): void;
  warn(message: string, keys?: Keys, error?: unknown): void;
  error(message: string, keys?: Keys, error?: unknown): void;
  count(counter: WorkerCounter, by?: number): void;
  countBytes(counter: ByteCounter, bytes: number): void;
  /** Counts a rejection under its code as well, so that a dashboard can show failures by code. */
  countRejection(code: string): void;
  phase<T>(phase: Phase, run: () => Promise<T>): Promise<T>;
  /** Writes the metrics gathered since the last call. */
  publish(): void;
}

/**
 * Passes keys by AsyncLocalStorage: records of a batch run concurrently, and keys appended to a shared logger would
 * leak into other records' lines. The process has only one, because each slows down every promise once it is used.
 */
const context = new AsyncLocalStorage<Keys>();

export function createTelemetry(logger: Logger, metrics: Metrics): Telemetry {
  const line = (keys: Keys | undefined, error?: unknown) => ({
    ...context.getStore(),
    ...keys,
    ...(error === undefined
      ? {}
      : { error: error instanceof Error ? error : new Error(`not an error: ${JSON.stringify(error)}`) }),
  });
  return {
    within: (keys, run) => context.run({ ...context.getStore(), ...keys }, run),
    info: (message, keys) => logger.info(message, line(keys)),
    warn: (message, keys, error) => logger.warn(message, line(keys, error)),
    error: (message, keys, error) => logger.error(message, line(keys, error)),
    count: (counter, by = 1) => void metrics.addMetric(counter, MetricUnit.Count, by),
    countBytes: (counter, bytes) => void metrics.addMetric(counter, MetricUnit.Bytes, bytes),
    countRejection(code) {
      const byCode = metrics.singleMetric();
      byCode.addDimension('code', code);
      byCode.addMetric(REJECTED_BY_CODE, MetricUnit.Count, 1);
    },
    async phase(phase, run) {
      const begin = performance.now();
      try {
        return await run();
      } finally {
        metrics.addMetric(PHASE_METRICS[phase], MetricUnit.Milliseconds, performance.now() - begin);
      }
    },
    publish() {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
