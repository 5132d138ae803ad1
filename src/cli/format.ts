/** Formats a number of seconds for people, in at most two units. Rounds seconds and minutes up, and hours down. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.ceil(whole / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.max(24, Math.floor(whole / 3600));
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

export function byteCount(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${units[power]}`;
}

/** Formats rows in columns under a heading. Control characters, which keys may contain, are shown as code points. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = [heading, ...rows].map((row) => row.map(printable));
  const widths = heading.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  return shown
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Makes untrusted text safe to print on a terminal: control characters (C0, DEL, C1), line separators and marks that
 * change the direction of text appear as their code points.
 */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(
      /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
      (character) => SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `1 dead letter`, `2 dead letters`. */
export function quantity(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
