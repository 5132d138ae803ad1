import { allCodeBlocks } from './code-blocks.ts';

/** A document whose code blocks a test runs, each exactly once. */
export interface Page {
  /**
   * Takes the block that starts with this text, to run it.
   * @throws Error unless there is exactly one that was not taken
   */
  take(language: string, beginning: string): string;
  /** Returns the blocks that were not taken. */
  left(): string[];
}

export async function readPage(document: string): Promise<Page> {
  const blocks = new Set(await allCodeBlocks(document));
  return {
    take(language, beginning) {
      const found = [...blocks].filter(
        (block) => block.language === language && block.code.startsWith(beginning),
      );
      const [block] = found;
      if (block === undefined || found.length > 1)
        throw new Error(`${document} has ${found.length} blocks of ${language} that begin with ${beginning}`);
      blocks.delete(block);
      return block.code;
    },
    left: () => [...blocks].map(({ language, code }) => `${language}: ${code}`),
  };
}
