import type { Conversion } from '../../core/conversion.ts';
import { createImageConversion } from './image/convert.ts';
import { configureSharp } from './image/sharp.ts';

/** The conversions whose code the worker has, by name. */
export type Conversions = ReadonlyMap<string, Conversion>;

/** @throws Error if two conversions have the same name */
export function createConversions(own: readonly Conversion[] = []): Conversions {
  configureSharp();
  const conversions = new Map<string, Conversion>();
  for (const conversion of [createImageConversion() as Conversion, ...own]) {
    if (conversions.has(conversion.name))
      throw new Error(`there are two conversions with the name ${conversion.name}`);
    conversions.set(conversion.name, conversion);
  }
  return conversions;
}
