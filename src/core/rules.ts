import type { ConversionLimits } from './conversion.ts';
import { defined } from './defined.ts';
import { renditionNames, type Recipe, type Rule } from './recipe.ts';
import { imageExtensions } from './rendition.ts';
import { hasExtensions } from './result-name.ts';
import type { Deployment } from './deployment.ts';

/** The name of the conversion for uploads that no other conversion matches. */
export const IMAGE = 'image';

/** Returns the rules that assign conversions to uploads. The first match wins; the last rule matches every key. */
export function rulesOf({ rules, renditions, limits }: Recipe): readonly Rule[] {
  if (rules.at(-1)?.keys === undefined && rules.length > 0) return rules;
  const { bytes, seconds, ...imageLimits } = limits;
  return [
    ...rules,
    {
      conversion: IMAGE,
      version: 1,
      renditions: renditionNames({ renditions }),
      extensions: imageExtensions(renditions),
      options: { renditions, limits: imageLimits },
      limits: { bytes, seconds },
    },
  ];
}

/** Returns the highest limits of all rules, so that the worker has time for any of them. */
export function limitsOf(recipe: Recipe): ConversionLimits {
  const limits = rulesOf(recipe).map((rule) => rule.limits);
  return {
    bytes: Math.max(...limits.map(({ bytes }) => bytes)),
    seconds: Math.max(...limits.map(({ seconds }) => seconds)),
  };
}

/** Returns the naming of results, by the uploads' keys. */
export function resultNamesOf(recipe: Recipe): Pick<Deployment, 'renditions' | 'extensions' | 'rules'> {
  const { renditions, rules } = recipe;
  const isNamed = hasExtensions(recipe);
  return defined({
    renditions: renditionNames(recipe),
    extensions: isNamed ? imageExtensions(renditions) : undefined,
    rules: rules.map((rule) =>
      defined({
        keys: rule.keys,
        renditions: rule.renditions,
        extensions: isNamed ? rule.extensions : undefined,
      }),
    ),
  });
}
