import { InvalidArgumentError, type Command } from 'commander';
import { CODE_NAMES, isConversionCode } from '../core/code-names.ts';
import { describeFilter, isUnfiltered, type Filter } from '../ops/dead-letters/filter.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { isMistyped, nearestCodes } from './nearest-codes.ts';

export type FilterOptions = Pick<Filter, 'code' | 'prefix' | 'since' | 'key'>;

/** Adds the options that select dead letters. */
export function withFilter(command: Command): Command {
  return command
    .option('--code <code>', 'only dead letters with this error code, such as image.corrupt', errorCode)
    .option('--prefix <prefix>', 'only keys with this prefix', notEmpty)
    .option(
      '--since <time>',
      'only messages sent since this time: ISO 8601, or an age such as 30m, 6h or 2d',
      pointInTime,
    )
    .option('--key <key>', 'only this key or message id', notEmpty);
}

export function filterOf({ code, prefix, since, key }: FilterOptions): Filter {
  return { code, prefix, since, key };
}

const UNIT_SECONDS: Record<string, number> = { m: 60, h: 3600, d: 86_400 };

/** JavaScript reads "5" as a day in 2001, which would select far too many. */
const ISO_8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** Refuses unknown codes: a mistyped code would silently select nothing. */
function errorCode(text: string): string {
  const codes: readonly string[] = CODE_NAMES;
  if (codes.includes(text) || (isConversionCode(text) && !isMistyped(text, codes))) return text;
  const near = nearestCodes(notEmpty(text), codes);
  const hint = near.length === 0 ? 'docs/runbook.md lists all codes' : `did you mean ${near.join(' or ')}?`;
  throw new InvalidArgumentError(`There is no code "${text}": ${hint}`);
}

/** @throws CommandError if the options select dead letters and none matches */
export function requireMatch(chosen: number, options: FilterOptions): void {
  const filter = filterOf(options);
  if (chosen === 0 && !isUnfiltered(filter))
    throw new CommandError(EXIT.someFailed, `there are no ${describeFilter(filter)}`);
}

/** Refuses an empty value: an unset variable in a script would select all dead letters. */
function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty; leave the option out to choose all.');
  return text;
}

function pointInTime(text: string): Date {
  const [, number, unit = ''] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const date =
    number === undefined
      ? new Date(ISO_8601.test(text) ? text : Number.NaN)
      : new Date(Date.now() - Number(number) * (UNIT_SECONDS[unit] ?? Number.NaN) * 1000);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError(
      `Expected an ISO 8601 time such as 2026-01-31T08:00Z, or 30m, 6h, 2d; got "${text}".`,
    );
  return date;
}
