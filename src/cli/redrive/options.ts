import { InvalidArgumentError, type Command } from 'commander';
import { REDRIVE_LIMITS } from '../../core/redrive-limits.ts';
import { wholeNumber } from '../arguments.ts';
import type { ConnectionOptions } from '../connection.ts';
import { describeFilter } from '../../ops/dead-letters/filter.ts';
import { filterOf, withFilter, type FilterOptions } from '../dead-letter-filter.ts';

export interface RedriveOptions extends ConnectionOptions, FilterOptions {
  from?: string;
  archived?: true;
  canary?: number;
  rate?: number;
  /** A share from 0 to 1. */
  stopIfFailing?: number;
  wait?: true;
  timeout?: number;
  reason: string;
  yes?: true;
  json?: true;
}

export function withRedriveOptions(command: Command): Command {
  return withFilter(command)
    .option('--from <file>', 'dead letters in an exported file, which you may edit first')
    .option('--archived', 'dead letters that the expiry guard archived')
    .option(
      '--canary <n>',
      'move this many first; continue only if they succeed',
      wholeNumber(1, REDRIVE_LIMITS.canary),
    )
    .option('--rate <n>', 'messages per second', wholeNumber(1, REDRIVE_LIMITS.rate))
    .option('--stop-if-failing <percent>', 'stop if more than this share fails again (default: 20%)', share)
    .option('--wait', 'wait until each object is converted or fails again')
    .option('--timeout <seconds>', 'stop waiting after this many seconds', wholeNumber(1, 1_000_000))
    .option('--reason <text>', 'reason to record', '')
    .option(
      '--yes',
      'move the dead letters without asking; by default, show the plan and, on a terminal, ask',
    )
    .option('--json', 'print one JSON line per followed object, then a summary line');
}

/** Describes a request, for the record. */
export function describeRequest(options: RedriveOptions): string {
  const { from, archived, canary, rate, stopIfFailing, wait } = options;
  return [
    describeFilter(filterOf(options)),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(archived === undefined ? [] : ['from the archive']),
    ...(canary === undefined ? [] : [`canary ${canary}`]),
    ...(rate === undefined ? [] : [`${rate} per second`]),
    ...(stopIfFailing === undefined ? [] : [`stop if ${Math.round(stopIfFailing * 100)} % fail`]),
    ...(wait === undefined ? [] : ['followed to the end']),
  ].join(', ');
}

function share(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text) ?? [];
  const percent = Number(number);
  if (number === undefined || percent > 100)
    throw new InvalidArgumentError(`Expected a percentage from 0 to 100, such as 20%, got "${text}".`);
  return percent / 100;
}
