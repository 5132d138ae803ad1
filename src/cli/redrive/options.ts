import { InvalidArgumentError, type Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import type { ConnectionOptions } from '../connection.ts';
import { describeFilter } from '../../ops/dead-letters/filter.ts';
import { filterOf, withFilter, type FilterOptions } from '../dead-letter-filter.ts';

export interface RedriveOptions extends ConnectionOptions, FilterOptions {
  from?: string;
  archived?: true;
  canary?: number;
  rate?: number;
  /** A share: 0 to 1. */
  stopIfFailing?: number;
  wait?: true;
  timeout?: number;
  reason: string;
  yes?: true;
  json?: true;
}

export function withRedriveOptions(command: Command): Command {
  return withFilter(command)
    .option('--from <file>', 'those of an export, which may have been edited')
    .option('--archived', 'those that the expiry guard has archived')
    .option(
      '--canary <n>',
      'move so many first, and the rest only if they do not fail again',
      wholeNumber(1, 1000),
    )
    .option('--rate <n>', 'move so many a second', wholeNumber(1, 10_000))
    .option('--stop-if-failing <percent>', 'stop when more than this share fails again (default: 20%)', share)
    .option('--wait', 'follow each object until it is converted or has failed again')
    .option('--timeout <seconds>', 'wait so long at the most', wholeNumber(1, 1_000_000))
    .option('--reason <text>', 'why, for the record', '')
    .option('--yes', 'move them; without it, only say what would be moved')
    .option('--json', 'print one JSON line an object that was followed, then a summary line');
}

/** A request in words, for the record. */
export function describeRequest(options: RedriveOptions): string {
  const { from, archived, canary, rate, stopIfFailing, wait } = options;
  return [
    describeFilter(filterOf(options)),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(archived === undefined ? [] : ['from the archive']),
    ...(canary === undefined ? [] : [`canary ${canary}`]),
    ...(rate === undefined ? [] : [`${rate} a second`]),
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
