/** Parses what a command prints with `--json`, or a file of JSON lines. */
export function jsonLines<T = Record<string, unknown>>(text: string): T[] {
  const lines = text === '' ? [] : text.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}
