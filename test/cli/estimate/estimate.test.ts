import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { photoCost } from '../../../src/cli/estimate/photo-cost.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';
import { millraceHere } from '../../support/command-here.ts';

const MILLION = ['--objects', '1000000', '--megapixels', '12'] as const;

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
  const sizes = [1600, 800, 320].map((width) => ({ name: `w${width}`, width, format: 'jpeg' }));
  await folder.file('three.json', JSON.stringify({ renditions: sizes }));
  await folder.file('slow.json', JSON.stringify({ limits: { seconds: 90 } }));
  await folder.file('avif.json', JSON.stringify({ renditions: [{ name: 'a', format: 'avif', effort: 6 }] }));
  await folder.file('broken.json', '{"renditions":[]}');
  await folder.file(
    'own.mjs',
    `import { defineConfig, defineConversion } from '${new URL('../../../dist/config/index.js', import.meta.url).href}';
     const count = defineConversion({ name: 'count', renditions: ['a', 'b', 'c'], convert: async () => [] });
     export default defineConfig({ conversions: [{ conversion: count, keys: ['*.csv'] }] });`,
  );
});
afterAll(() => folder.remove());

const estimateSchema = z.object({
  seconds: z.number(),
  secondsPerObject: z.number(),
  renditions: z.number(),
  batchSize: z.number(),
  concurrency: z.number(),
  limitedBy: z.string(),
  dollars: z.number(),
  cost: z.record(z.string(), z.number()),
});

async function estimate(...options: string[]) {
  const { code, stdout, stderr } = await millraceHere('estimate', ...options, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return estimateSchema.parse(JSON.parse(stdout));
}

describe('millrace estimate', () => {
  it('reports when a million photos from noon are done, and the cost', async () => {
    const finished = await millraceHere('estimate', ...MILLION);
    expect(finished).toMatchObject({ code: 0 });
    expect(finished.stdout).toBe(
      [
        '1,000,000 photos of 12 megapixels, 1 result each',
        '  drained in  1 h 51 min: uploaded at noon, the last is converted by 13:51',
        '  costs       $15.19: Lambda $7.66, S3 $5.80, SQS $0.48, DynamoDB $1.25',
        '  an object   takes 0.33 s with 1,769 MB, and a batch of 10 takes 3.3 s',
        '  concurrency 50 invocations after 9 s: limited by the maximum concurrency',
        '  rate        up to 151 objects per second',
        '',
      ].join('\n'),
    );
    expect(finished.stderr).toContain('With --concurrency 1000 it takes 7 min 13 s, for the same price.');
    expect(finished.stderr).toContain('docs/deploy.md says what it assumes');
  });

  it('needs neither a pipeline nor the network', async () => {
    const elsewhere = { MILLRACE_ENDPOINT: 'http://127.0.0.1:1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    for (const [name, value] of Object.entries(elsewhere)) vi.stubEnv(name, value);
    expect(await millraceHere('estimate', ...MILLION)).toMatchObject({ code: 0 });
    vi.unstubAllEnvs();
  });

  it('takes the recipe into account', async () => {
    const [one, three] = [
      await estimate(...MILLION),
      await estimate(...MILLION, '--recipe', folder.at('three.json')),
    ];
    expect([one.renditions, three.renditions]).toEqual([1, 3]);
    expect(three.cost['s3']).toBeCloseTo(5 * 3 + 0.4 * 4, 6);
    expect(one.batchSize).toBe(10);
    const slow = await estimate(...MILLION, '--recipe', folder.at('slow.json'));
    expect(slow.batchSize).toBe(3);
  });

  it('takes other conversions into account by their measured time, with the maximum number of results per upload', async () => {
    const own = ['--objects', '100', '--seconds-per-object', '2.5', '--config', folder.at('own.mjs')];
    expect(await estimate(...own)).toMatchObject({ secondsPerObject: 2.5, renditions: 3 });
    expect(await estimate(...own, '--memory', '884')).toMatchObject({
      secondsPerObject: expect.closeTo(5, 1),
    });
  });

  it('supports other account limits and provisioned mode', async () => {
    expect(await estimate(...MILLION, '--account-concurrency', '10')).toMatchObject({
      concurrency: 10,
      limitedBy: 'account-concurrency',
    });
    const provisioned = await estimate(...MILLION, '--pollers', '20', '--min-pollers', '20');
    expect(provisioned).toMatchObject({ concurrency: 200, limitedBy: 'event-pollers' });
    expect(provisioned.cost['eventPollers']).toBeGreaterThan(0);
  });

  it('shows that few objects need few invocations and cost almost nothing', async () => {
    const { stdout } = await millraceHere('estimate', '--objects', '100', '--megapixels', '12');
    expect(stdout).toContain('10 invocations; the queue is empty before there are more');
    expect(stdout).toContain('less than $0.01');
    const own = await millraceHere('estimate', '--objects', '1', '--seconds-per-object', '25');
    expect(own.stdout).toContain('1 object, 1 result each\n');
    expect(own.stdout).toContain('takes 25 s with 1,769 MB, and a batch of 4 takes 100 s');
  });

  it('warns of messages that the queue deletes and requests that S3 and DynamoDB refuse', async () => {
    const long = await millraceHere('estimate', '--objects', '1000000', '--seconds-per-object', '30');
    expect(long.stderr).toContain('The queue deletes messages after 4 d 0 h');
    const fast = await millraceHere(
      'estimate',
      ...MILLION,
      '--concurrency',
      '1250',
      '--account-concurrency',
      '2000',
    );
    expect(fast.stderr).toContain(
      'S3 allows 3,500 writes per second and prefix, and this upload makes up to 3,767',
    );
    expect(fast.stderr).toContain('A new DynamoDB table allows 4,000 writes per second');
    expect(fast.stderr).not.toContain('With --concurrency');
    const usual = await millraceHere('estimate', ...MILLION);
    expect(usual.stderr).not.toMatch(/queue deletes|S3 allows|DynamoDB/);
  });
});

describe('wrong usage:', () => {
  it.each<[string, string]>([
    ['--megapixels 12', "required option '--objects <n>' not specified"],
    ['--objects 0 --megapixels 12', 'Expected a whole number from 1 to 1000000000, got "0"'],
    ['--objects 5', 'say how large the photos are with --megapixels'],
    ['--objects 5 --megapixels big', 'Expected a number from 0.01 to 2000, got "big"'],
    ['--objects 5 --megapixels 1e3', 'Expected a number from 0.01 to 2000, got "1e3"'],
    ['--objects 5 --megapixels 12 --seconds-per-object 1', 'cannot be used with option'],
    ['--objects 5 --megapixels 12 --memory 128', 'Expected a whole number from 512 to 10240, got "128"'],
    ['--objects 5 --megapixels 12 --concurrency 1', 'Expected a whole number from 2 to 1250, got "1"'],
    ['--objects 5 --megapixels 12 --concurrency 50 --pollers 5', 'cannot be used with option'],
    ['--objects 5 --megapixels 12 --min-pollers 5', '--min-pollers needs the maximum as well: --pollers N'],
    ['--objects 5 --megapixels 12 --pollers 3 --min-pollers 5', '--min-pollers 5 is above --pollers 3'],
    ['--objects 5 --megapixels 101', '--megapixels 101 is above limits.pixels of the recipe, 100,000,000'],
    ['--objects 5 --seconds-per-object 31', 'limits.seconds allows 30 s: all would fail'],
    ['--objects 5 --seconds-per-object 20 --memory 600', 'with 600 MB an object takes 59 s'],
    ['--objects 5 --megapixels 12 --recipe @broken.json', 'broken.json is not usable'],
    ['--objects 5 --megapixels 12 --recipe @avif.json', 'avif with effort 6, whose time is not known'],
    [
      '--objects 5 --megapixels 12 --config @own.mjs',
      "the time of a configuration's conversions is not known",
    ],
  ])('estimate %s', async (line, message) => {
    const words = line.split(' ').map((word) => word.replace(/^@/, `${folder.path}/`));
    const finished = await millraceHere('estimate', ...words);
    expect(finished).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });
});

it('a backfill costs as much as photos of 12 megapixels', async () => {
  expect(photoCost(1e6, 1)).toBeCloseTo((await estimate(...MILLION)).dollars, 6);
  expect(photoCost(1e6, 2) - photoCost(1e6, 1)).toBeGreaterThan(5.4);
});
