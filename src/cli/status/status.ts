import { Command, Option } from 'commander';
import { pause } from '../../core/pause.ts';
import { connected, withConnection, type ConnectionOptions } from '../connection.ts';
import { limitHeapGrowth } from '../heap-growth.ts';
import { interruptible } from '../interrupt.ts';
import { FORMER, ORPHANS } from '../orphans/found.ts';
import { listFound } from '../orphans/list.ts';
import { countUploads } from './count-uploads.ts';
import { findObject, showObject } from './show-object.ts';

const EXAMPLE = `
Example:
  $ millrace status                       # counts all uploads
  $ millrace status 2026/ --missing       # lists uploads with neither a result nor a failure report
  $ millrace status 2026/ --verify        # checks each object: exact, but slower
  $ millrace status 2026/ --orphans       # results and failure reports whose upload was deleted
  $ millrace status 2026/ --former        # results under names that only former rules used
  $ millrace status 2026/boat.jpg         # one object in full, always exact
Exit code 4 means that some uploads are pending; 1 that some failed, or that no upload has the prefix.`;

interface Options extends ConnectionOptions {
  missing?: true;
  verify?: true;
  orphans?: true;
  former?: true;
  watch?: true;
  json?: true;
}

const WATCH_MILLISECONDS = 2000;

/** `millrace status`: the state of uploads. */
export function statusCommand(): Command {
  return withConnection(new Command('status'))
    .description('count converted, failed and pending uploads, or show the status of a single upload')
    .argument('[prefix|key]', 'key prefix, or a single key', '')
    .option('--missing', 'list uploads with neither a result nor a failure report')
    .option(
      '--verify',
      'check each object instead of relying on listings: one request per upload and rendition',
    )
    .addOption(
      new Option(
        '--orphans',
        'list results and failure reports whose upload was deleted, instead of uploads',
      ).conflicts(['missing', 'verify', 'watch']),
    )
    .addOption(
      new Option(
        '--former',
        'list results under names that only former rules used, instead of uploads: one request per result',
      ).conflicts(['missing', 'verify', 'watch', 'orphans']),
    )
    .option('--watch', 'repeat until nothing is pending or Ctrl-C')
    .option('--json', 'print JSON lines')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run(prefix: string, options: Options): Promise<void> {
  limitHeapGrowth();
  await connected(options, async (pipeline) => {
    if (options.orphans) return listFound(pipeline, prefix, ORPHANS, options);
    if (options.former) return listFound(pipeline, prefix, FORMER, options);
    const stop = options.watch ? interruptible() : new AbortController().signal;
    let hints = true;
    for (;;) {
      const object = prefix === '' ? undefined : await findObject(pipeline, prefix);
      const isFinal =
        object === undefined
          ? await countUploads(pipeline, prefix, { ...options, hints })
          : showObject(object, options.json);
      hints &&= object !== undefined;
      if (!options.watch || isFinal || stop.aborted) return;
      await pause(WATCH_MILLISECONDS, stop);
    }
  });
}
