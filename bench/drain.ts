import { ACCOUNT_CONCURRENCY } from '../src/cli/estimate/event-source.ts';
import { LAMBDA_DEFAULTS } from '../src/core/lambda-defaults.ts';
import { drainPlot } from './drain-plot.ts';
import { WIDTHS } from './batch/recipe.ts';
import { drainBoth, MEGAPIXELS, OBJECTS, type Drain } from './drain-scenario.ts';
import type { Benchmark, Measured } from './frame/benchmark.ts';

const PLOT = 'docs/images/drain.svg';

/** Simulates how long a million uploads take with Lambda's documented scaling, and the price; draws the plot. */
export const benchmark: Benchmark = {
  id: 'B13',
  workload: `simulated drain of ${OBJECTS.toLocaleString('en')} photos of ${MEGAPIXELS} megapixels, three JPEG renditions (${WIDTHS.join(', ')} pixels)`,
  baseline: 'a for-loop over the batch, in the same model',
  async run({ plot }) {
    await plot(PLOT, drainPlot(ACCOUNT_CONCURRENCY));
    const { millrace, forLoop } = drainBoth(ACCOUNT_CONCURRENCY, 1);
    const usual = drainBoth(LAMBDA_DEFAULTS.concurrency, 1);
    const most = `${ACCOUNT_CONCURRENCY.toLocaleString('en')} invocations`;
    const fewer = `${LAMBDA_DEFAULTS.concurrency} invocations`;
    return [
      minutes(`${most}, Millrace`, millrace),
      minutes(`${most}, for-loop`, forLoop),
      minutes(`${fewer}, Millrace`, usual.millrace),
      minutes(`${fewer}, for-loop`, usual.forLoop),
      { name: 'price, Millrace', value: millrace.dollars, unit: 'dollars' },
      { name: 'price, for-loop', value: forLoop.dollars, unit: 'dollars' },
    ];
  },
};

function minutes(name: string, { drained }: Drain): Measured {
  return { name, value: drained.seconds / 60, unit: 'minutes' };
}
