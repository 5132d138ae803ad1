import * as z from 'zod';
import { DEFAULT_RECIPE, recipeSchema } from './recipe.ts';
import { DEFAULT_QUALITY, formatsWith, type EncoderOption } from './encoder-options.ts';
import { renditionFields } from './rendition.ts';
import { WATERMARK_BYTES, watermarkSchema } from './watermark.ts';

/** Descriptions of the options that not every format has. */
const ENCODER_OPTIONS: Readonly<Record<EncoderOption, string>> = {
  progressive: 'Whether the whole picture appears early and gets sharper as more data arrives.',
  mozjpeg:
    'Whether to encode with mozjpeg, which makes smaller, progressive files and is several times slower.',
  chromaSubsampling:
    'Color resolution: half in both directions (`4:2:0`, the default) or full (`4:4:4`), which keeps thin colored ' +
    'lines sharp.',
  lossless:
    'Whether to keep every pixel exactly. Makes small files for drawings and screenshots, and large ones for photos. ' +
    '`smaller` encodes both ways and keeps the smaller result. `auto` does so only for images with up to 1,024 colors; ' +
    'others, such as photos, are lossy.',
  nearLossless: 'Whether to change pixels slightly, so that lossless compression makes a smaller file.',
  palette: 'Whether the result has a palette; `quality` limits the number of colors in use.',
  colors: 'Number of colors in the palette; 256 by default.',
  compressionLevel: 'Compression from 0 (fast) to 9 (small); 6 by default.',
  maxBytes:
    'Maximum size of the result in bytes. A larger result is encoded again with a lower quality, down to 10. If it is ' +
    'still too large, the upload is rejected.',
  keepSmaller:
    'Whether to keep the image data of the upload, without its metadata, where encoding it again would not make it ' +
    'smaller. Only if the upload has the format of the result, and the result would have the same pixels.',
};

const RENDITION_FIELDS: Readonly<Record<keyof typeof renditionFields.shape, string>> = {
  name: 'Name of the rendition. With several renditions, it is the first part of the result key.',
  width: 'Width of the box in pixels; unlimited if omitted.',
  height: 'Height of the box in pixels; unlimited if omitted.',
  fit: 'How the image fills its box.',
  format: 'Format of the result.',
  quality:
    'Quality of lossy formats, 1 to 100. The defaults look alike: ' +
    `${DEFAULT_QUALITY.jpeg} for JPEG, ${DEFAULT_QUALITY.webp} for WebP, ${DEFAULT_QUALITY.avif} for AVIF.`,
  effort: 'Encoder effort, 0 (fast) to 9, limited to the maximum of the format.',
  enlarge: 'Whether a result may have more pixels than its source.',
  ...encoderDescriptions(),
  position:
    'The part of the image to keep when cropping, or the position of the whole image in its box: a side or a corner. ' +
    'Crops also accept `attention` (faces, saturated colors), `entropy` (the most detail), and a focal point such as ' +
    '`{"x": 0.5, "y": 0.3}`, in fractions of width and height. `center` by default.',
  background:
    'The color around the image and behind its transparent parts, such as `#ffffff`. By default transparent; white in JPEG.',
  rotate: 'Degrees to rotate the upright image clockwise.',
  trim: 'Removes a border with the color of the top left pixel. The number, 0 to 255, is the allowed difference; 10 is a good start.',
  sharpen:
    'Sharpens an image that was shrunk. The number is the radius (sigma of a Gaussian), 0.3 to 10; 0.5 to 1 is subtle.',
  animated: 'Whether animations stay animated. If not, the result is the first frame.',
  watermark: 'An image to draw over the result.',
  placeholder:
    'Metadata of the result that pages can show while the image loads: its dominant color (`color`), or the dominant color ' +
    'and a ThumbHash (`thumbhash`).',
  metadata:
    "Parts of the source's EXIF, XMP or IPTC data to keep in the result. `position` is where a photo was taken. By default, " +
    'a result keeps none.',
  page: 'The page of a TIFF or PDF that becomes the result; 1 by default. An upload without this page is rejected.',
  icc:
    '`keep`: the result keeps the ICC profile and the colors of its source. `srgb`: the result is in sRGB and has the ICC ' +
    'profile of sRGB; a GIF has none. By default, results are in sRGB and have no profile.',
};

const WATERMARK_FIELDS: Readonly<Record<keyof typeof watermarkSchema.shape, string>> = {
  image:
    'A PNG, WebP or JPEG: a path relative to this file, or a data URL. It becomes part of the deployed recipe, which limits ' +
    `the size of all images together. At most ${WATERMARK_BYTES} bytes each.`,
  position: 'A side or corner of the result.',
  scale: "Its width as a fraction of the result's, 0.01 to 1. Reduced if the image would not fit.",
  opacity: '0.01 (hardly visible) to 1.',
  margin: 'Distance from the edges of the result, in pixels.',
};

function encoderDescriptions(): Record<EncoderOption, string> {
  const described = Object.entries(ENCODER_OPTIONS).map(([name, description]) => [
    name,
    `${description} For ${formatsWith(name as EncoderOption)}.`,
  ]);
  return Object.fromEntries(described) as Record<EncoderOption, string>;
}

/**
 * Returns the schema of the recipe file, for editors: the contents of `docs/recipe.schema.json`. The descriptions are
 * here to keep them out of the worker's bundle.
 */
export function recipeJsonSchema(): object {
  const { renditions, resultName, ignore, whenDeleted } = recipeSchema.shape;
  const described = recipeSchema.extend({
    resultName: resultName.describe(
      'The name of a result: `{key}` of its upload, or `{stem}`, the key without its extension; and `{extension}`, which ' +
        'matches the content of the result. By default, `{key}` in a pipeline, which refuses `{stem}`, and ' +
        '`{stem}.{extension}` in `millrace convert`.',
    ),
    ignore: ignore.describe(
      'Patterns for the last part of a key. Uploads that match are not converted. `*` matches any characters, `?` matches ' +
        'one; case does not matter. By default, files that operating systems leave behind; [] converts everything.',
    ),
    whenDeleted: whenDeleted.describe(
      'Whether to `keep` or `delete` the results and the failure report of an upload when the upload is deleted.',
    ),
  });
  return z.toJSONSchema(described, {
    io: 'input',
    target: 'draft-7',
    override({ zodSchema, jsonSchema }) {
      const { properties = {} } = jsonSchema;
      // zod omits a default that its schema transforms, because it may not be valid as input. This one is.
      if (zodSchema === renditions) jsonSchema.default = DEFAULT_RECIPE.renditions;
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
