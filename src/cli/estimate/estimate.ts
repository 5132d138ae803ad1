import { Command, Option } from 'commander';
import { LAMBDA_DEFAULTS, LAMBDA_RANGES } from '../../core/lambda-defaults.ts';
import { decimalNumber, wholeNumber } from '../arguments.ts';
import { configurationOptions } from '../configuration-options.ts';
import { hint, print, printJson } from '../output.ts';
import { describeEstimate } from './describe.ts';
import { estimateOf, type Estimate, type Workload } from './estimate-of.ts';
import {
  ACCOUNT_CONCURRENCY,
  MAXIMUM_CONCURRENCY,
  MAXIMUM_POLLERS,
  MINIMUM_POLLERS,
} from './event-source.ts';
import { hintsOf } from './hints.ts';
import { workloadOf, type Options } from './workload.ts';

const EXAMPLE = `
Example:
  $ millrace estimate --objects 1000000 --megapixels 12
  $ millrace estimate --objects 1000000 --megapixels 12 --concurrency 1000 --recipe three-sizes.json
  $ millrace estimate --objects 5000 --seconds-per-object 2.5 --config millrace.config.ts   # your own conversion`;

/** `millrace estimate`: estimates how long uploads take to convert on AWS, and the cost. */
export function estimateCommand(): Command {
  const { min, max } = MAXIMUM_CONCURRENCY;
  const [recipe, config] = configurationOptions('upload');
  return new Command('estimate')
    .description('estimate the time and cost of converting a number of uploads on AWS; needs no AWS account')
    .requiredOption(
      '--objects <n>',
      'number of uploads, which all arrive at the same time',
      wholeNumber(1, 1_000_000_000),
    )
    .addOption(
      new Option('--megapixels <n>', 'size of each photo')
        .argParser(decimalNumber(0.01, 2000))
        .conflicts('secondsPerObject'),
    )
    .option(
      '--seconds-per-object <s>',
      'time of your own conversion, as you measured it on one core; replaces --megapixels',
      decimalNumber(0.001, 900),
    )
    .addOption(recipe)
    .addOption(config)
    .option(
      '--memory <mb>',
      'memory of the worker; 1769 MB provide one core',
      wholeNumber(LAMBDA_RANGES.workerMegabytes.min, LAMBDA_RANGES.workerMegabytes.max),
      LAMBDA_DEFAULTS.workerMegabytes,
    )
    .option(
      '--concurrency <n>',
      'maximum concurrency, as set in the deployment',
      wholeNumber(min, max),
      LAMBDA_DEFAULTS.concurrency,
    )
    .option(
      '--account-concurrency <n>',
      "the account's quota for concurrent executions",
      wholeNumber(1, 1_000_000),
      ACCOUNT_CONCURRENCY,
    )
    .addOption(
      new Option('--pollers <n>', 'provisioned mode: maximum number of event pollers')
        .argParser(wholeNumber(MAXIMUM_POLLERS.min, MAXIMUM_POLLERS.max))
        .conflicts('concurrency'),
    )
    .option(
      '--min-pollers <n>',
      'provisioned mode: minimum number of event pollers (default: 2)',
      wholeNumber(MINIMUM_POLLERS.min, MINIMUM_POLLERS.max),
    )
    .option('--json', 'print the estimate as a JSON line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const workload = await workloadOf(options);
  const estimate = estimateOf(workload);
  if (options.json) return printJson(lineOf(workload, estimate));
  print(describeEstimate(workload, estimate, options.megapixels));
  for (const text of hintsOf(workload, estimate)) hint(text);
}

function lineOf(
  workload: Workload,
  { drained, ramp, batchSize, secondsEach, objectsPerSecond, cost, dollars }: Estimate,
) {
  return {
    type: 'estimate',
    objects: workload.objects,
    renditions: workload.renditions,
    secondsPerObject: secondsEach,
    batchSize,
    seconds: drained.seconds,
    objectsPerSecond,
    invocations: drained.invocations,
    concurrency: drained.concurrency,
    limit: ramp.limit,
    limitedBy: ramp.limitedBy,
    dollars,
    cost,
  };
}
