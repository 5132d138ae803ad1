import { readFile } from 'node:fs/promises';

/** The code blocks of a document in this language, in their order. */
export async function codeBlocks(document: string, language: string): Promise<string[]> {
  const text = await readFile(document, 'utf8');
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap(([, name, code = '']) =>
    name === language ? [code] : [],
  );
}
