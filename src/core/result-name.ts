import * as z from 'zod';
import { imageExtensions, type Rendition } from './rendition.ts';

/** A recipe's options for result names. */
const RESULT_NAMES = ['{key}', '{key}.{extension}', '{stem}.{extension}'] as const;

type ResultName = (typeof RESULT_NAMES)[number];

export const resultNameSchema = z.enum(RESULT_NAMES).optional();

/** A file name extension. Without dots, so that a name's last dot always precedes its extension. */
const EXTENSION = /^[a-z0-9]{1,16}$/;

const EXPECTED = 'expected an extension of 1 to 16 lower-case letters and digits';

export const extensionSchema = z.string().regex(EXTENSION, EXPECTED);

/** Extensions of results, by rendition. A rendition is missing if its extension does not follow from the key. */
export type Extensions = Readonly<Record<string, string>>;

/** `z.record` would add five kilobytes to the worker. */
export const extensionsSchema = z.custom<Extensions>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((each) => typeof each === 'string' && EXTENSION.test(each)),
  EXPECTED,
);

interface Named {
  resultName?: ResultName | undefined;
  renditions: readonly Rendition[];
  rules: readonly {
    keys?: readonly string[] | undefined;
    renditions: readonly string[];
    extensions?: Extensions | undefined;
  }[];
}

/** Returns whether result keys end with an extension. */
export function hasExtensions({ resultName }: Pick<Named, 'resultName'>): boolean {
  return resultName === '{key}.{extension}';
}

/** Returns a line for each rendition without the extension that result keys need. */
export function missingExtensions(recipe: Named): string[] {
  if (!hasExtensions(recipe)) return [];
  const { renditions, rules } = recipe;
  const all = rules.map((rule, index) => ({ ...rule, path: `rules[${index}]` }));
  if (rules.length === 0 || rules.at(-1)?.keys !== undefined)
    all.push({
      path: 'renditions',
      renditions: renditions.map(({ name }) => name),
      extensions: imageExtensions(renditions),
    });
  return all.flatMap(({ path, renditions: names, extensions = {} }) =>
    names
      .filter((name) => !Object.hasOwn(extensions, name))
      .map(
        (name) =>
          `${path}: ${name} has no fixed extension, which resultName needs: choose another format than \`source\`, or state \`extension\` in the conversion`,
      ),
  );
}
