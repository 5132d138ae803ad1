import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it, onTestFinished } from 'vitest';
import { parseRecipe } from '../../src/core/recipe.ts';
import { millrace } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { photo } from '../support/images.ts';
import { read, startTestPipeline } from '../support/pipeline.ts';

const RECIPE = JSON.stringify({ renditions: [{ name: 'web', width: 64, placeholder: 'thumbhash' }] });
const PLACEHOLDER = {
  dominantColor: expect.stringMatching(/^#[\da-f]{6}$/),
  thumbhash: expect.stringMatching(/^[\w+/=]{20,40}$/),
};

it("an upload's status has the placeholder that is in the metadata of its result", async () => {
  const pipeline = await startTestPipeline({ concurrency: 1, recipe: parseRecipe(RECIPE) });
  onTestFinished(() => pipeline.stop());
  await pipeline.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'a.jpg', Body: await photo() }));
  const status = await eventually('it is converted', async () => {
    const answer = await fetch(`${pipeline.url}/objects/a.jpg`);
    const body = (await answer.json()) as { status: string; results?: Record<string, unknown>[] };
    return body.status === 'converted' && body;
  });
  const [result] = status.results ?? [];
  expect(result).toMatchObject(PLACEHOLDER);
  expect((await read(pipeline.s3, 'results', 'a.jpg'))?.metadata).toMatchObject({
    'dominant-color': result?.['dominantColor'],
    thumbhash: result?.['thumbhash'],
  });
});

it('`millrace convert --json` prints the placeholder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [from, recipe] = [join(folder, 'from'), join(folder, 'recipe.json')];
  await mkdir(from);
  await writeFile(join(from, 'a.jpg'), await photo());
  await writeFile(recipe, RECIPE);
  const ended = await millrace('convert', from, '--out', join(folder, 'to'), '--recipe', recipe, '--json');
  const [line = ''] = ended.stdout.split('\n');
  expect(JSON.parse(line)).toMatchObject({ type: 'converted', results: [PLACEHOLDER] });
});
