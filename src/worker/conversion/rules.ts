import type { Conversion } from '../../core/conversion.ts';
import { Rejected } from '../../core/errors.ts';
import { firstMatch } from '../../core/key-patterns.ts';
import type { Recipe, Rule } from '../../core/recipe.ts';
import { rulesOf } from '../../core/rules.ts';
import type { Conversions } from './conversions.ts';

/** A rule with its conversion's code and its parsed options. */
export interface ReadyRule extends Rule {
  code: Conversion;
}

/**
 * Returns a function that finds the rule for a key.
 * @throws Error that names the conversions without code and the invalid options
 */
export function readyRules(recipe: Recipe, conversions: Conversions): (key: string) => ReadyRule {
  const mistakes: string[] = [];
  const rules = rulesOf(recipe).flatMap((rule): ReadyRule[] => {
    const code = conversions.get(rule.conversion);
    const options = code?.options.safeParse(rule.options);
    if (code === undefined) mistakes.push(`${rule.conversion}: its code is not in this worker`);
    else if (options?.success === false) mistakes.push(`${rule.conversion}: ${options.error.message}`);
    else return [{ ...rule, options: options?.data, code }];
    return [];
  });
  if (mistakes.length > 0)
    throw new Error(`the conversions of the recipe cannot run:\n  ${mistakes.join('\n  ')}`);
  const match = firstMatch(rules);
  return (key) => {
    const rule = match(key);
    if (rule === undefined) throw new Error(`no conversion is for ${key}`);
    return rule;
  };
}

/** Returns the rejection of a source that is larger than its rule allows. */
export function tooLarge({ limits }: Pick<Rule, 'limits'>, bytes: number): Rejected | undefined {
  if (bytes <= limits.bytes) return undefined;
  const message = `the object has ${grouped(bytes)} bytes; the recipe allows ${grouped(limits.bytes)}`;
  return new Rejected('source.too_large', message);
}

function grouped(number: number): string {
  return number.toLocaleString('en');
}
