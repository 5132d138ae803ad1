import { Command } from 'commander';
import { SETTINGS } from '../../core/settings.ts';
import { archiveDeadLetters } from '../../ops/dead-letters/archive.ts';
import { wholeNumber } from '../arguments.ts';
import { connected, withConnection, type ConnectionOptions } from '../connection.ts';
import { quantity } from '../format.ts';
import { agree, hint, printJson } from '../output.ts';
import { requireAll } from './require-all.ts';

const DAY = 86_400;
const EXAMPLE = `
Example:
  $ millrace dlq archive --older-than 10 --yes
  $ millrace redrive --archived --yes`;

type Options = ConnectionOptions & { olderThan: number; yes?: true; json?: true };

/** `millrace dlq archive`: does at once what the expiry guard does every hour. */
export function archiveCommand(): Command {
  return withConnection(new Command('archive'))
    .description('move old dead letters to the failure bucket before SQS deletes them')
    .option(
      '--older-than <days>',
      'only dead letters sent at least this many days ago',
      wholeNumber(0, 14),
      SETTINGS.archiveAfterSeconds / DAY,
    )
    .option('--yes', 'do not ask for confirmation')
    .option('--json', 'print a summary as a JSON line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run({ olderThan, yes, json, ...connection }: Options): Promise<void> {
  await connected(connection, async (pipeline) => {
    await agree(
      `Move dead letters older than ${quantity(olderThan, 'day')} into s3://${pipeline.deployment.failureBucket}?`,
      yes,
    );
    const { taken, notDeleted, unseen } = await archiveDeadLetters(pipeline, olderThan * DAY);
    if (json) printJson({ type: 'summary', archived: taken - notDeleted, notDeleted, unseen });
    else hint(`${quantity(taken - notDeleted, 'dead letter')} archived`);
    requireAll({ notDeleted, unseen }, 'archive');
  });
}
