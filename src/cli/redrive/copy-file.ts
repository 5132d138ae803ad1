import { createReadStream } from 'node:fs';
import { parseCopy, type DeadLetterCopy } from '../../ops/dead-letters/copy.ts';

/**
 * Reads a file of copies. Leaves out an incomplete last line: its writer was killed before it deleted the dead
 * letter.
 * @throws InvalidCopy that names the first line that is not a copy; the error of the file system
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
  // A file with a single line that is not a copy is some other file.
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
