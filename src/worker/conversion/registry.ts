import { fileTypeFromBuffer } from 'file-type';
import { Rejected } from '../../core/errors.ts';
import type { Conversion } from './conversion.ts';

/** Finds the conversion for what some bytes really are. */
export interface Registry {
  /** @throws Rejected `source.empty`, `image.unsupported_format` */
  conversionFor(source: Uint8Array): Promise<Conversion>;
}

/** Names and declared types are not trusted: the content alone decides. */
export function createRegistry(conversions: readonly Conversion[]): Registry {
  const byContentType = new Map(
    conversions.flatMap((conversion) => conversion.contentTypes.map((type) => [type, conversion] as const)),
  );
  return {
    async conversionFor(source) {
      if (source.byteLength === 0) throw new Rejected('source.empty', 'the object has no bytes');
      const sniffed = await sniff(source);
      const conversion = sniffed === undefined ? undefined : byContentType.get(sniffed);
      if (conversion !== undefined) return conversion;
      const found = sniffed === undefined ? 'an unknown format' : sniffed;
      throw new Rejected(
        'image.unsupported_format',
        `the content is ${found}; expected one of ${[...byContentType.keys()].join(', ')}`,
      );
    },
  };
}

async function sniff(source: Uint8Array): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(source))?.mime;
  } catch {
    // Some formats are told apart by parsing further; where that fails, the bytes are of none of them.
    return undefined;
  }
}
