const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** 1,234,567 → `1.2 MB` */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  for (; value >= 1000 && unit < UNITS.length - 1; unit += 1) value /= 1000;
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${UNITS[unit]}`;
}

/** 95 → `1 min 35 s` */
export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Formats a duration coarsely, so that it does not change every second: 100,000,000 ms → `1 d 3 h` */
export function age(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'under a minute';
  const hours = Math.floor(minutes / 60);
  const parts =
    hours < 24 ? [hours, 'h', minutes % 60, 'min'] : [Math.floor(hours / 24), 'd', hours % 24, 'h'];
  return `${parts.join(' ')} `.replaceAll(/\b0 \w+ /g, '').trimEnd();
}

const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** Formats a time. Returns an invalid date unchanged. */
export function moment(time: number | string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : MOMENT.format(date);
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export function clock(time: number): string {
  return `at ${CLOCK.format(time)}`;
}

const NUMBER = new Intl.NumberFormat('en');

export function number(count: number): string {
  return NUMBER.format(count);
}

export function files(count: number): string {
  return `${number(count)} ${count === 1 ? 'file' : 'files'}`;
}

export function letters(count: number): string {
  return `${number(count)} ${count === 1 ? 'dead letter' : 'dead letters'}`;
}

/** Formats a message as a sentence: `it failed` → `It failed.` */
export function sentence(text: string): string {
  const end = /[.!?]$/.test(text) ? '' : '.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${end}`;
}
