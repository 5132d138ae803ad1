import * as z from 'zod';
import { recipeSchema } from './recipe.ts';
import { DEFAULT_QUALITY, formatsWith, type EncoderOption } from './encoder-options.ts';
import { renditionFields } from './rendition.ts';
import { WATERMARK_BYTES, watermarkSchema } from './watermark.ts';

/** Descriptions of the options that not every format has. */
const ENCODER_OPTIONS: Readonly<Record<EncoderOption, string>> = {
  progressive: 'Whether a picture appears as a whole and gets sharper as it arrives.',
  mozjpeg: 'Whether to encode with mozjpeg: smaller, progressive, and several times slower.',
  chromaSubsampling:
    'Resolution of the colors: half in both directions (`4:2:0`, the default) or full (`4:4:4`), ' +
    'which keeps thin colored lines sharp.',
  lossless:
    'Whether all pixels stay as they are: small for drawings and screenshots, large for photos. With `smaller`, an image is ' +
    'encoded both ways, and the smaller one is the result. `auto` does that only for images of up to 1,024 colors: photos ' +
    'have more, and are lossy at once.',
  nearLossless:
    'Whether pixels change only a little, so that lossless compression makes fewer bytes of them.',
  palette: 'Whether the result has a palette; `quality` limits how many of its colors are used.',
  colors: 'The size of the palette; 256 by default.',
  compressionLevel: 'Compression from 0 (fast) to 9 (small); 6 by default.',
  maxBytes:
    'The size in bytes that the result may have. If it is larger, the quality is lowered as far as needed, but not below ' +
    '10; an upload whose result is still larger is rejected.',
};

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
  ...encoderDescriptions(),
  position:
    'Where a crop is taken from, or where in its box the whole image is: a side or a corner. A crop can also look for ' +
    'what draws the `attention` (faces, saturated colors) or has the most detail (`entropy`), or keep the point that ' +
    'matters near its middle: `{"x": 0.5, "y": 0.3}`, parts of the width and height. By default `center`.',
  background:
    'The color around the image and through its transparent parts, such as `#ffffff`. By default transparent, and white in JPEG.',
  rotate: 'Degrees by which the upright image is turned clockwise.',
  trim: 'Removes a border like the pixel at the top left: the number, 0 to 255, is how much colors may differ from it. 10 is a good start.',
  sharpen:
    'Sharpens an image that was shrunk: the radius, sigma of a Gaussian, 0.3 to 10. 0.5 to 1 is subtle.',
  animated: 'Whether an animation stays one; otherwise its first frame is the result.',
  watermark: 'An image over the result.',
  placeholder:
    'What pages can show until the image is loaded, in the metadata of the result: its dominant color (`color`), or the ' +
    'dominant color and a ThumbHash (`thumbhash`).',
};

const WATERMARK_FIELDS: Readonly<Record<keyof typeof watermarkSchema.shape, string>> = {
  image:
    'A PNG, WebP or JPEG: its path, relative to this file, or a data URL. It becomes part of the deployed recipe, so all ' +
    `images together have to be small; at most ${WATERMARK_BYTES} bytes each.`,
  position: 'The side or corner of the result where it is.',
  scale: "Its width as a part of the result's, 0.01 to 1. Smaller if the image would not fit otherwise.",
  opacity: '0.01 (hardly visible) to 1.',
  margin: 'Pixels between it and the edges of the result.',
};

function encoderDescriptions(): Record<EncoderOption, string> {
  const described = Object.entries(ENCODER_OPTIONS).map(([name, description]) => [
    name,
    `${description} For ${formatsWith(name as EncoderOption)}.`,
  ]);
  return Object.fromEntries(described) as Record<EncoderOption, string>;
}

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
      const fields =
        zodSchema === renditionFields
          ? RENDITION_FIELDS
          : zodSchema === watermarkSchema
            ? WATERMARK_FIELDS
            : {};
      for (const [name, description] of Object.entries(fields))
        Object.assign(properties[name] ?? {}, { description });
    },
  });
}
