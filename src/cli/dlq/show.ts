import { Command } from 'commander';
import type { FailureReport } from '../../core/failure-report.ts';
import { failureKey } from '../../core/keys.ts';
import { copyOf, type DeadLetterCopy } from '../../ops/dead-letters/copy.ts';
import { matches } from '../../ops/dead-letters/filter.ts';
import { retryCanHelp } from '../../core/codes.ts';
import { retentionOf } from '../../ops/dead-letters/groups.ts';
import { listDeadLetters } from '../../ops/dead-letters/list.ts';
import { readReport } from '../../ops/object-status.ts';
import { connected, withConnection, type Connection, type ConnectionOptions } from '../connection.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { printable } from '../format.ts';
import { print, printJson } from '../output.ts';

const EXAMPLE = `
Example:
  $ millrace dlq show photos/boat.jpg`;

/** `millrace dlq show`: shows a dead letter with its message, its failure report and the location of its logs. */
export function showCommand(): Command {
  return withConnection(new Command('show'))
    .description('show the dead letters of a key or message id in full')
    .argument('<key|id>', 'key of the upload, or id of the message')
    .option('--json', 'print one JSON line per dead letter')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(key: string, options: ConnectionOptions & { json?: true }): Promise<void> {
  await connected(options, async (pipeline) => {
    const retention = await retentionOf(pipeline);
    let found = 0;
    for await (const letter of listDeadLetters(pipeline)) {
      if (!matches(letter, { key })) continue;
      found += 1;
      const copy = copyOf(letter, retention);
      const report = await reportOf(copy, pipeline);
      if (options.json) printJson({ type: 'dead-letter', ...copy, report });
      else print(describe(copy, report));
    }
    if (found === 0) throw new CommandError(EXIT.someFailed, `no dead letter has the key or the id ${key}`);
  });
}

async function reportOf(
  { objects: [object] }: DeadLetterCopy,
  { s3, deployment }: Connection,
): Promise<FailureReport | undefined> {
  if (object === undefined) return undefined;
  return readReport(s3, deployment.failureBucket, failureKey(object, deployment));
}

function describe(copy: DeadLetterCopy, report: FailureReport | undefined): string {
  const lines: [string, string][] = [
    ...copy.objects.map(({ bucket, key }): [string, string] => ['object', `s3://${bucket}/${key}`]),
    ['code', `${copy.code} (${retryCanHelp(copy) ? 'trying again can help' : 'fix the cause first'})`],
    ['reason', copy.message],
    ['attempts', String(copy.attempts)],
    ['sent', copy.sentAt],
    ['expires', copy.expiresAt],
    ['message id', copy.id],
    ['body', copy.body],
    ...Object.entries(copy.attributes).map(([name, { type, value, binary }]): [string, string] => [
      `attribute ${name}`,
      value ?? `${binary ?? ''} (${type}, base64)`,
    ]),
  ];
  if (report !== undefined) {
    const { status, at, recipe, source, requestId, logGroup, logStream } = report;
    lines.push(
      ['report', `${status} at ${at}, recipe ${recipe}`],
      [
        'source',
        `${source.etag}${source.versionId === undefined ? '' : `, version ${source.versionId}`}, of ${source.lastModified}`,
      ],
      ['logs', `${logGroup} ${logStream}, request ${requestId}`],
    );
  }
  return `${lines.map(([name, value]) => `${name.padEnd(20)}${printable(value)}\n`).join('')}\n`;
}
