import * as z from 'zod';
import { recipeSchema } from './recipe.ts';
import { DEFAULT_QUALITY, renditionFields } from './rendition.ts';

const RENDITION_FIELDS: Readonly<Record<keyof typeof renditionFields.shape, string>> = {
  name: 'Names the rendition; with several renditions it is the first part of the result key.',
  width: 'Width of the box in pixels; free when left out.',
  height: 'Height of the box in pixels; free when left out.',
  fit: 'How the image fills its box.',
  format: 'Format of the result.',
  quality:
    'Quality of lossy formats, 1 to 100. By default what looks alike in all of them: ' +
    `${DEFAULT_QUALITY.jpeg} for JPEG, ${DEFAULT_QUALITY.webp} for WebP, ${DEFAULT_QUALITY.avif} for AVIF.`,
  effort: 'Encoder effort, 0 (fast) to 9; capped at what the format knows.',
  enlarge: 'Whether a result may have more pixels than its source.',
};

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
  return z.toJSONSchema(described, {
    io: 'input',
    target: 'draft-7',
    override({ zodSchema, jsonSchema: { properties = {} } }) {
      if (zodSchema !== renditionFields) return;
      for (const [name, description] of Object.entries(RENDITION_FIELDS))
        Object.assign(properties[name] ?? {}, { description });
    },
  });
}
