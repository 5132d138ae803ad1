import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, expect, it } from 'vitest';
import { parseRecipe } from '../../src/core/recipe.ts';
import { eventually } from '../support/eventually.ts';
import { listKeys, startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { createTestFolder } from '../support/command-folder.ts';
import { photo } from '../support/images.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const DELETE = parseRecipe('{"whenDeleted":"delete"}');
let pipeline: TestPipeline | undefined;
afterEach(() => pipeline?.stop());

const put = async (Key: string, Body: Buffer) =>
  pipeline?.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
const remove = (Key: string) => pipeline?.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key }));
/** Returns the keys in a bucket, once there are this many. */
const keysOf = (bucket: string, count: number) =>
  eventually(`${count} keys in ${bucket}`, async () => {
    const found = pipeline === undefined ? [] : await listKeys(pipeline.s3, bucket);
    return found.length === count && found;
  });

it("an upload's results and failure report are deleted with it", async () => {
  pipeline = await startTestPipeline({ recipe: DELETE });
  await put('a.jpg', await photo());
  await put('b.jpg', await photo());
  await put('bad.jpg', Buffer.from('no image'));
  expect(await keysOf('results', 2)).toEqual(['a.jpg', 'b.jpg']);
  expect(await keysOf('failures', 1)).toEqual(['bad.jpg']);
  await remove('a.jpg');
  await remove('bad.jpg');
  expect(await keysOf('results', 1)).toEqual(['b.jpg']);
  expect(await keysOf('failures', 0)).toEqual([]);
});

it('uploads that were deleted before the recipe said so lose their results at the next start', async () => {
  const folder = await createTestFolder();
  try {
    pipeline = await startTestPipeline({ data: folder.at('data') });
    await put('a.jpg', await photo());
    await put('b.jpg', await photo());
    expect(await keysOf('results', 2)).toEqual(['a.jpg', 'b.jpg']);
    await remove('a.jpg');
    await pipeline.stop();
    pipeline = await startTestPipeline({ data: folder.at('data'), recipe: DELETE });
    expect(await keysOf('results', 1)).toEqual(['b.jpg']);
    await pipeline.stop();
    expect(pipeline.notices.join('\n')).toContain('1 deleted upload still had results or a failure report');
  } finally {
    pipeline = undefined;
    await folder.remove();
  }
});
