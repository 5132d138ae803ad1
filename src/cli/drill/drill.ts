import { Command } from 'commander';
import { DrillFailed, runDrill } from './run-drill.ts';
import { withAlarm } from './alarm.ts';
import { wholeNumber } from '../arguments.ts';
import { connected, withConnection, type ConnectionOptions } from '../connection.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { printable } from '../format.ts';
import { interruptible } from '../interrupt.ts';
import { agree, hint, print, printJson } from '../output.ts';
import { currentUser } from '../../ops/current-user.ts';

const EXAMPLE = `
Example:
  $ millrace drill --yes`;

type Options = ConnectionOptions & { timeout: number; yes?: true; json?: true };

/** `millrace drill`: tests the path of a failure, up to the alarm and back. */
export function drillCommand(): Command {
  return withConnection(new Command('drill'))
    .description('test the alarm path: upload a poison object, wait for its alarm, fix it and redrive it')
    .option(
      '--timeout <seconds>',
      'time limit for each step; a CloudWatch alarm takes minutes',
      wholeNumber(1, 86_400),
      600,
    )
    .option('--yes', 'do not ask for confirmation')
    .option('--json', 'print one JSON line per step, then a summary line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run({ timeout, yes, json, ...connection }: Options): Promise<void> {
  await connected(connection, async (pipeline) => {
    await agree(`Send a poison object through ${pipeline.name}? Its alarm will go off.`, yes);
    const begun = performance.now();
    const stop = interruptible();
    try {
      const report = await withAlarm(pipeline, (readAlarm) =>
        runDrill({
          ops: pipeline,
          readAlarm,
          who: currentUser(),
          stepSeconds: timeout,
          stop,
          onNotice: (text) => hint(printable(text)),
          onStep(text) {
            if (json) printJson({ type: 'step', text });
            else print(`ok  ${printable(text)}`);
          },
        }),
      );
      const seconds = Math.round((performance.now() - begun) / 10) / 100;
      if (json) printJson({ type: 'summary', passed: true, seconds, ...report });
      else print(`drill passed (${seconds} s)`);
    } catch (error) {
      if (!(error instanceof DrillFailed)) throw error;
      if (json) printJson({ type: 'summary', passed: false, reason: error.message });
      const code = stop.aborted ? EXIT.interrupted : EXIT.someFailed;
      throw new CommandError(code, `drill failed: ${error.message}`, { cause: error });
    }
  });
}
