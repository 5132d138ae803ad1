import { layoutOf, numbersIn, type Layout } from './layout.ts';

/** Replaces the fields of a TIFF's first directory as bytes, whatever their types. */

const LONG = 4;

/** Returns the fields as they are in the directory, by tag. Of a tag that occurs twice, the first. */
function fieldsOf(tiff: Buffer, layout: Layout): Map<number, Buffer> {
  const number = numbersIn(tiff, layout.little);
  const { countBytes, offsetBytes, firstAt } = layout;
  const directory = number(firstAt, offsetBytes);
  const fieldBytes = 4 + 2 * offsetBytes;
  const fields = new Map<number, Buffer>();
  const begin = directory + countBytes;
  const fitting = Math.floor(Math.max(0, tiff.byteLength - begin) / fieldBytes);
  const count = Math.min(number(directory, countBytes), fitting);
  for (let index = 0; index < count; index += 1) {
    const at = begin + index * fieldBytes;
    const tag = number(at, 2);
    if (!fields.has(tag)) fields.set(tag, tiff.subarray(at, at + fieldBytes));
  }
  return fields;
}

/**
 * Returns a TIFF whose only directory has some fields of the first one, and others with a single number.
 * @param kept tags
 * @param numbers by tag
 */
export function withDirectory(
  bytes: Uint8Array,
  kept: ReadonlySet<number>,
  numbers: ReadonlyMap<number, number>,
): Uint8Array {
  const tiff = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layout = layoutOf(tiff);
  const { little, countBytes, offsetBytes, firstAt } = layout;
  const write = (to: Buffer, value: number, at: number, size: number): void => {
    if (size === 8)
      void (little ? to.writeBigUInt64LE(BigInt(value), at) : to.writeBigUInt64BE(BigInt(value), at));
    else void (little ? to.writeUIntLE(value, at, size) : to.writeUIntBE(value, at, size));
  };
  const fields = new Map([...fieldsOf(tiff, layout)].filter(([tag]) => kept.has(tag)));
  for (const [tag, value] of numbers) {
    const field = Buffer.alloc(4 + 2 * offsetBytes);
    write(field, tag, 0, 2);
    write(field, LONG, 2, 2);
    write(field, 1, 4, offsetBytes);
    write(field, value, 4 + offsetBytes, 4);
    fields.set(tag, field);
  }
  const inOrder = [...fields].toSorted(([a], [b]) => a - b).map(([, field]) => field);
  const count = Buffer.alloc(countBytes);
  write(count, inOrder.length, 0, countBytes);
  const padding = Buffer.alloc(tiff.byteLength % 2);
  const result = Buffer.concat([tiff, padding, count, ...inOrder, Buffer.alloc(offsetBytes)]);
  write(result, tiff.byteLength + padding.byteLength, firstAt, offsetBytes);
  return result;
}
