import { readFile } from 'node:fs/promises';

export interface CodeBlock {
  language: string;
  code: string;
}

/** Returns a document's code blocks, in order. */
export async function allCodeBlocks(document: string): Promise<CodeBlock[]> {
  const text = await readFile(document, 'utf8');
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }));
}

/** Returns a document's code blocks in this language, in order. */
export async function codeBlocks(document: string, language: string): Promise<string[]> {
  const blocks = await allCodeBlocks(document);
  return blocks.flatMap((block) => (block.language === language ? [block.code] : []));
}
