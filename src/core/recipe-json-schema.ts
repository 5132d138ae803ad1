import * as z from 'zod';
import { recipeSchema } from './recipe.ts';

/**
 * The schema of the recipe file, for editors: what `docs/recipe.schema.json` holds. Descriptions are here, because the
 * worker has no use for them and counts every byte.
 */
export function recipeJsonSchema(): object {
  const { resultName, ignore, whenDeleted } = recipeSchema.shape;
  const described = recipeSchema.extend({
    resultName: resultName.describe(
      'The name of a result, by its upload: `{key}`, or `{stem}`, the key without its extension; and the `{extension}` ' +
        'for what is in the result. By default, `{key}` in a pipeline, which refuses `{stem}`, and ' +
        '`{stem}.{extension}` in `millrace convert`.',
    ),
    ignore: ignore.describe(
      'Patterns for the last part of a key: `*` matches any characters, `?` matches one, letter case does not matter. ' +
        'An upload with such a name is not converted. By default what operating systems leave behind; [] converts everything.',
    ),
    whenDeleted: whenDeleted.describe(
      'What happens to the results and the failure report of an upload when the upload is deleted: `keep` them, ' +
        'or `delete` them as well.',
    ),
  });
  return z.toJSONSchema(described, { io: 'input', target: 'draft-7' });
}
