import { Command } from 'commander';
import { messageOf } from '../core/message-of.ts';
import { wholeNumber } from './arguments.ts';
import { configurationOptions } from './configuration-options.ts';
import { pipelineRecipe } from '../core/recipe.ts';
import { readConfiguration, type ConfigurationOptions } from './configuration.ts';
import { defined } from '../core/defined.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { onInterrupt } from './interrupt.ts';
import { startFailure } from './start-failure.ts';

interface Options extends ConfigurationOptions {
  port: number;
  awsPort: number;
  data?: string;
  repair?: true;
  verify?: true;
  fsync?: true;
  faults?: number;
  concurrency?: number;
  completions?: true;
  json?: true;
}

const EXAMPLE = `
Example:
  $ millrace start --data ./data
  $ AWS_ENDPOINT_URL=http://127.0.0.1:4801 aws s3 cp --recursive photos s3://uploads/`;

/** `millrace start`: runs the whole pipeline on this machine until Ctrl-C. */
export function startCommand(): Command {
  const port = wholeNumber(0, 65_535);
  const [recipe, config] = configurationOptions('upload');
  return new Command('start')
    .description('run the whole pipeline on this machine, for any S3 client')
    .option('--port <port>', 'port of the pages and the API; 0 picks a free port', port, 4800)
    .option('--aws-port <port>', 'port of S3, SQS and DynamoDB; 0 picks a free port', port, 4801)
    .option('--data <dir>', 'keep everything in this folder across restarts (default: keep nothing)')
    .option('--repair', 'move damaged parts of the data folder aside, then start; deletes nothing')
    .option('--verify', 'check every stored object in the data folder before starting')
    .option('--fsync', 'sync uploads and messages to disk, so that they survive power cuts; slower')
    .addOption(recipe)
    .addOption(config)
    .option('--completions', 'send an event for each result and failure report to an SQS queue')
    .option('--concurrency <n>', 'worker processes (default: one per core)', wholeNumber(1, 64))
    .option(
      '--faults <seed>',
      'make S3 and SQS duplicate, reorder, delay and refuse requests and messages, by this seed',
      wholeNumber(0, 4_294_967_295),
    )
    .option('--json', 'print the addresses as a JSON line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const begun = performance.now();
  const { json, recipe, config, ...rest } = options;
  for (const name of ['repair', 'verify', 'fsync'] as const)
    if (rest[name] === true && rest.data === undefined)
      throw new CommandError(EXIT.wrongUsage, `--${name} needs the folder: --data DIR`);
  // Other users of this machine must not read uploads.
  process.umask(0o077);
  const configuration = await readConfiguration(defined({ recipe, config }), pipelineRecipe);
  const interrupted = new Promise<void>((resolve) => onInterrupt(resolve));
  // Imported on demand: only this command needs the local AWS.
  const { startPipeline } = await import('../local/pipeline.ts');
  const pipeline = await startPipeline({
    ...rest,
    ...configuration,
    onNotice: (text) => process.stderr.write(`${text}\n`),
  }).catch(startFailure);
  const { url, awsUrl, buckets, queues, logFolder } = pipeline;
  if (json) {
    process.stdout.write(`${JSON.stringify({ type: 'ready', url, awsUrl, buckets, queues, logFolder })}\n`);
  } else {
    const named =
      configuration.recipe.resultName === '{key}.{extension}'
        ? 'under the same key with an extension'
        : 'under the same key';
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    process.stdout.write(
      [
        `ready in ${seconds} s; Ctrl-C ends it`,
        `  pages and API       ${url}`,
        `  S3, SQS, DynamoDB   ${awsUrl}`,
        `  upload to           s3://${buckets.uploads}`,
        `  results             s3://${buckets.results}, ${named}`,
        `  failure reports     s3://${buckets.failures}, under the same key`,
        `  dead letters        ${queues.deadLetter}`,
        ...(queues.completions === undefined ? [] : [`  completions         ${queues.completions}`]),
        `  logs                ${logFolder}`,
        '',
      ].join('\n'),
    );
    process.stderr.write(
      `Any S3 client will do, with any credentials:\n` +
        `  AWS_ENDPOINT_URL=${awsUrl} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \\\n` +
        `    aws s3 cp --recursive FOLDER s3://${buckets.uploads}/\n`,
    );
  }
  await Promise.race([interrupted, pipeline.failed]).catch((error: unknown) => {
    // Exits at once: work in flight cannot be finished, and a supervisor waits for the exit.
    process.stderr.write(`millrace: ${messageOf(error)}\n`);
    process.exit(EXIT.unreachable);
  });
  process.stderr.write('finishing what is in flight\n');
  await pipeline.stop();
}
