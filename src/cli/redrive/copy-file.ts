import { createReadStream } from 'node:fs';
import { parseCopy, type DeadLetterCopy } from '../../ops/dead-letters/copy.ts';

/**
 * Reads a file of copies. A last line without its end is left out: whoever wrote it was killed, and deleted nothing
 * before the line was whole.
 * @throws InvalidCopy naming the first line that is no copy; the error of the file system
 */
export async function readCopyFile(path: string): Promise<DeadLetterCopy[]> {
  const copies: DeadLetterCopy[] = [];
  let number = 0;
  let rest = '';
  const take = (line: string) => {
    number += 1;
    if (line.trim() !== '') copies.push(parseCopy(line, number));
  };
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  }
  // A file that has but one line, and no copy in it, is something else.
  if (copies.length === 0 || isJson(rest)) take(rest);
  return copies;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
