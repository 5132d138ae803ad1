import { Command } from 'commander';
import { namespaceOf } from '../ops/context.ts';
import { objectStatus, type ObjectStatus } from '../ops/object-status.ts';
import { pause } from '../ops/pause.ts';
import { reconcile } from '../ops/reconcile.ts';
import { connected, withConnection, type Connection, type ConnectionOptions } from './connection.ts';
import { EXIT } from './exit-codes.ts';
import { count, printable } from './format.ts';
import { interruptible } from './interrupt.ts';
import { print, printJson } from './output.ts';

const EXAMPLE = `
Example:
  $ millrace status                       # everything
  $ millrace status 2026/ --missing       # names what has no result and no reason yet
  $ millrace status 2026/boat.jpg         # one object in full
Exit code 1 says that some have failed.`;

interface Options extends ConnectionOptions {
  missing?: true;
  watch?: true;
  json?: true;
}

const WATCH_MILLISECONDS = 2000;

/** `millrace status`: where uploads stand. */
export function statusCommand(): Command {
  return withConnection(new Command('status'))
    .description('how many uploads are converted, failed and pending; or where one of them stands')
    .argument('[prefix|key]', 'what keys begin with, or one key', '')
    .option('--missing', 'name the uploads that have neither a result nor a reason')
    .option('--watch', 'again and again, until nothing is pending or Ctrl-C')
    .option('--json', 'print JSON lines')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(prefix: string, options: Options): Promise<void> {
  await connected(options, async (pipeline) => {
    const stop = options.watch ? interruptible() : new AbortController().signal;
    for (;;) {
      const one = prefix === '' ? undefined : await oneObject(pipeline, prefix);
      const isSettled =
        one === undefined ? await countBelow(pipeline, prefix, options) : showOne(one, options.json);
      if (!options.watch || isSettled || stop.aborted) return;
      await pause(WATCH_MILLISECONDS, stop);
    }
  });
}

/** The status of an object with this very key, in whichever upload bucket it is. */
async function oneObject({ s3, deployment }: Connection, key: string): Promise<ObjectStatus | undefined> {
  for (const bucket of deployment.uploadBuckets) {
    const status = await objectStatus(s3, deployment, namespaceOf(deployment), { bucket, key });
    if (status.status !== 'unknown') return status;
  }
  return undefined;
}

function showOne(status: ObjectStatus, json: true | undefined): boolean {
  if (status.status === 'failed') process.exitCode = EXIT.someFailed;
  if (json) printJson({ type: 'object', ...status });
  else print(describe(status));
  return status.status !== 'pending';
}

function describe(status: ObjectStatus): string {
  const lines = [`${printable(status.key)}: ${status.status}`];
  if (status.status === 'converted') {
    for (const { rendition, key, contentType, bytes, width, height } of status.results)
      lines.push(
        `  ${rendition}  ${printable(key)}  ${contentType}  ${width} x ${height}  ${count(bytes)} bytes`,
      );
  }
  if (status.status === 'failed') {
    const { code, message, attempts, at, logGroup, logStream, requestId } = status;
    lines.push(
      `  ${code}: ${printable(message)}`,
      `  after ${attempts} attempt(s), at ${at}`,
      `  logs: ${logGroup} ${logStream}, request ${requestId}`,
    );
  }
  return lines.join('\n');
}

async function countBelow(
  pipeline: Connection,
  prefix: string,
  { missing, json }: Options,
): Promise<boolean> {
  const counts = { converted: 0, failed: 0, pending: 0 };
  for await (const { bucket, key, state, uploadedAt, bytes } of reconcile(
    pipeline.s3,
    pipeline.deployment,
    prefix,
  )) {
    counts[state] += 1;
    if (!missing || state !== 'pending') continue;
    if (json) printJson({ type: 'missing', bucket, key, uploadedAt: uploadedAt.toISOString(), bytes });
    else print(printable(`s3://${bucket}/${key}`));
  }
  const uploaded = counts.converted + counts.failed + counts.pending;
  process.exitCode = counts.failed > 0 ? EXIT.someFailed : EXIT.ok;
  if (json) printJson({ type: 'summary', uploaded, ...counts });
  else {
    const { converted, failed, pending } = counts;
    print(
      `${count(uploaded)} uploaded, ${count(converted)} converted, ${count(failed)} failed, ${count(pending)} pending`,
    );
  }
  return counts.pending === 0;
}
