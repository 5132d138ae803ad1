import { expect, it } from 'vitest';
import { bundleFunction } from '../../scripts/build/functions.ts';

it.each([
  ['worker', 'src/worker/lambda.ts', false],
  ['API', 'src/api/lambda.ts', true],
])('the bundle of the %s has the JSON schemas of zod only if it uses them', async (_name, entry, has) => {
  const { metafile } = await bundleFunction(entry);
  const bytes = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([path]) => path.endsWith('json-schema-processors.js'))
      .map(([, { bytesInOutput }]) => bytesInOutput),
  );
  expect(bytes).toHaveLength(1);
  expect((bytes[0] ?? 0) > 2000).toBe(has);
});
