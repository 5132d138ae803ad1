import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseRecipe } from '../../src/core/recipe.ts';
import { eventually } from '../support/eventually.ts';
import { tinyPng } from '../support/images.ts';
import { listKeys, startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const KEYS = ['batches/a', 'batches/a-1.png', 'batches/a.jpg'];
const RECIPE = '{"renditions":[{"name":"web","format":"jpeg"}],"resultName":"{key}.{extension}"}';

let pipeline: TestPipeline;
beforeAll(async () => {
  pipeline = await startTestPipeline({ recipe: parseRecipe(RECIPE) });
  for (const Key of KEYS)
    await pipeline.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: await tinyPng() }));
});
afterAll(() => pipeline.stop());

const objectSchema = z.object({
  status: z.string(),
  results: z.array(z.object({ key: z.string() })).optional(),
});

describe('a pipeline whose results have extensions', () => {
  it.each(KEYS)('shows and serves the result of %s under its name', async (key) => {
    const { results } = await eventually('it is converted', async () => {
      const status = objectSchema.parse(await (await fetch(`${pipeline.url}/objects/${key}`)).json());
      return status.status === 'converted' ? status : undefined;
    });
    expect(results?.map((each) => each.key)).toEqual([`${key}.jpg`]);
    const answer = await fetch(`${pipeline.url}/results/${key}.jpg`);
    expect(answer.headers.get('content-type')).toBe('image/jpeg');
    expect(answer.headers.get('content-disposition')).toBe(
      `inline; filename*=UTF-8''${key.split('/')[1]}.jpg`,
    );
  });

  it('counts them, with one result per upload', async () => {
    expect(await listKeys(pipeline.s3, 'results')).toEqual([
      'batches/a-1.png.jpg',
      'batches/a.jpg',
      'batches/a.jpg.jpg',
    ]);
  });
});
