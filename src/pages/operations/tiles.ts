import type { Summary } from '../../contract/types.ts';
import { element, write } from '../shared/dom.ts';
import * as words from '../shared/words.ts';
import { drawSparkline } from './sparkline.ts';
import { depthOf, lengthOf, type Seen } from './watch.ts';

/** An earlier expiry is highlighted. */
const SOON = 2 * 86_400_000;
const MINUTE = 60_000;

const ALARM_WORDS = { ok: 'OK', alarm: 'Alarm', 'insufficient data': 'No data' } as const;

/** Updates the tiles to the latest data. */
export function drawTiles({ summary, groups, samples }: Seen): void {
  if (summary === undefined) return;
  const { deadLetters, retentionSeconds, minutes, alarm, queues } = summary;
  const now = Date.now();
  const times = (of: 'oldest' | 'expires') => (groups?.groups ?? []).map((group) => Date.parse(group[of]));
  const oldest = Math.min(...times('oldest'));
  const expires = Math.min(...times('expires'));
  const known = groups !== undefined && Number.isFinite(oldest);

  tile('dead', words.number(deadLetters), deadLetters === 0 ? 'No failed messages' : 'Failed permanently');
  tile('oldest', known ? words.age(now - oldest) : '–', known ? `Sent ${words.moment(oldest)}` : '');
  const kept = `Each is kept for ${words.age(retentionSeconds * 1000)}`;
  tile('expires', known ? words.age(Math.max(0, expires - now)) : '–', kept);
  mark('expires', known && expires - now < SOON);
  tile('alarm', alarm === undefined ? 'None' : ALARM_WORDS[alarm], describeAlarm(alarm));
  mark('alarm', alarm === 'alarm');

  const waiting = `${words.number(lengthOf(queues.conversion))} to convert, ${words.number(lengthOf(queues.retry))} to retry`;
  tile('depth', words.number(depthOf(summary)), waiting);
  const converted = minutes.map((minute) => minute.converted);
  const errors = minutes.map(({ rejected, failed }) => rejected + failed);
  tile(
    'rate',
    words.number(lastWhole(minutes, converted)),
    `${words.number(sum(converted))} in the last hour`,
  );
  const [rejected, failed] = [
    sum(minutes.map((each) => each.rejected)),
    sum(minutes.map((each) => each.failed)),
  ];
  tile(
    'errors',
    words.number(lastWhole(minutes, errors)),
    `${words.number(rejected)} rejected, ${words.number(failed)} failed in the last hour`,
  );

  for (const [id, values] of [
    ['dead', samples.deadLetters],
    ['depth', samples.depth],
    ['rate', converted],
    ['errors', errors],
  ] as const)
    drawSparkline(element(`spark-${id}`), values);
}

/** The last complete minute. The current minute would always look like a drop. */
function lastWhole(minutes: Summary['minutes'], values: readonly number[]): number {
  const last = minutes.at(-1);
  const underWay = last !== undefined && Date.parse(last.at) + MINUTE > Date.now();
  return values.at(underWay ? -2 : -1) ?? 0;
}

function describeAlarm(alarm: Summary['alarm']): string {
  if (alarm === undefined) return 'This pipeline has no alarm for dead letters';
  return alarm === 'alarm' ? 'Dead letters are waiting' : 'For dead letters';
}

function tile(id: string, value: string, note: string): void {
  write(element(`tile-${id}`), value);
  write(element(`note-${id}`), note);
}

function mark(id: string, serious: boolean): void {
  element(`tile-${id}`).classList.toggle('serious', serious);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
