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

const NUMBER = new Intl.NumberFormat('en');

export function number(count: number): string {
  return NUMBER.format(count);
}

export function files(count: number): string {
  return `${number(count)} ${count === 1 ? 'file' : 'files'}`;
}
