/** Invokes the handler of the module in the first argument, and measures each batch's cost in this process. */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Context, SQSEvent } from 'aws-lambda';
import { cpuSeconds, peakBytes } from '../frame/usage.ts';
import type { BatchCost } from './session.ts';

type Handler = (event: SQSEvent, context: Partial<Context>) => Promise<unknown>;

const MINUTES = 15;
const [modulePath = ''] = process.argv.slice(2);
const { handler } = createRequire(__filename)(modulePath) as { handler: Handler };

async function invoke(event: SQSEvent): Promise<void> {
  const deadline = Date.now() + MINUTES * 60_000;
  const context = {
    awsRequestId: randomUUID(),
    functionName: 'bench',
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const cpu = cpuSeconds();
  const begun = performance.now();
  const answer = await handler(event, context);
  const seconds = (performance.now() - begun) / 1000;
  process.send?.({
    seconds,
    cpuSeconds: cpuSeconds() - cpu,
    peakBytes: peakBytes(),
    answer,
  } satisfies BatchCost);
}

process.on('message', (event: SQSEvent) => void invoke(event));
process.on('disconnect', () => process.exit());
process.send?.('ready');
