import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { seededRandom } from '@millrace/local-aws/models';
import { createReconciler } from '../../../src/reconcile/reconciler.ts';
import type { Operators } from '../operators.ts';
import type { World } from '../world.ts';
import { observed } from './observe.ts';

interface ReconciliationDeps {
  seed: number;
  world: World;
  operators: Operators;
}

/** Range of the number of requests after which an invocation's time is over. */
const FEWEST_REQUESTS = 3;
const MORE_REQUESTS = 7;
const INVOCATION_MILLISECONDS = 840_000;
const metrics = new Metrics({ namespace: 'Simulation', serviceName: 'reconciler' });
const logger = new Logger({ serviceName: 'reconciler', logLevel: 'SILENT' });
const context = { getRemainingTimeInMillis: () => INVOCATION_MILLISECONDS };

/** Starts the scheduled reconciliation, whose invocations start each other. Call when no faults are left. */
export function createScheduledReconciliation({ seed, world, operators }: ReconciliationDeps): () => string {
  const random = seededRandom(seed ^ 0x1b56c4e9);

  function invoke(event: unknown, most: number): string {
    return operators.start(`reconciles after ${JSON.stringify(event)}`, async (plain) => {
      const time = new AbortController();
      let requests = 0;
      const ops = observed(plain, {
        asked() {
          requests += 1;
          if (requests === most) time.abort();
        },
      });
      const limit = () => time.signal;
      const reconciler = createReconciler({
        ops: { ...ops, time: { now: () => Date.now(), wait: () => Promise.resolve(), limit } },
        metrics,
        logger,
        now: () => world.clock.now(),
        goOn(next) {
          world.met('a scheduled reconciliation is handed on');
          invoke(next, most);
          return Promise.resolve();
        },
      });
      try {
        const found = await reconciler(event, context);
        if ('uploads' in found) world.met('an upload that a scheduled reconciliation queued', found.queued);
      } catch {
        // It made no progress in its time and reports this; the next scheduled one may have more.
        invoke(event, 2 * most);
      }
    });
  }

  return () => invoke({}, FEWEST_REQUESTS + Math.floor(random() * MORE_REQUESTS));
}
