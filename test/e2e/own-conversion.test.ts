import { mkdir, readFile, symlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPipeline } from '../../src/local/index.ts';
import { millrace, millraceStart, withoutProgress, type Finished } from '../support/command.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { eventually } from '../support/eventually.ts';
import { takesLong } from '../support/takes-long.ts';
import { jsonLines } from '../support/json-lines.ts';

takesLong();

const CONVERSION = `
import { defineConfig, defineConversion, Rejected } from 'millrace/config';

const table = defineConversion({
  name: 'table',
  streams: true,
  async convert({ source }) {
    async function* upperCase() {
      for await (const chunk of source.stream()) {
        const text = Buffer.from(chunk).toString();
        if (text.includes('bad')) throw new Rejected('table.bad_row', 'row 1 is bad');
        yield Buffer.from(text.toUpperCase());
      }
    }
    return [{ rendition: 'table', body: upperCase(), contentType: 'text/csv' }];
  },
});
`;
const CONFIG = `${CONVERSION}
export default defineConfig({ conversions: [{ conversion: table, keys: ['*.csv'] }] });
`;

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
  // As npm installs the package.
  await mkdir(folder.at('node_modules'));
  await symlink(fileURLToPath(new URL('../..', import.meta.url)), folder.at('node_modules/millrace'));
  await folder.file('in/reports/good.csv', 'a,b\n1,2\n');
  await folder.file('in/bad.csv', 'bad');
  await folder.image('in/photo.png');
});
afterAll(() => folder.remove());

const convert = (config: string, out: string): Promise<Finished> =>
  millrace('convert', folder.at('in'), '--out', folder.at(out), '--config', config, '--json');
const linesOf = ({ stdout }: Finished) => jsonLines<{ type: string; key: string; code?: string }>(stdout);

describe('a custom conversion', () => {
  it.each([
    ['millrace.config.mjs', CONFIG],
    ['millrace.config.ts', CONFIG.replace('async convert({ source })', 'async convert({ source }: any)')],
    // It may also export defineConfig's input.
    [
      'plain.config.mjs',
      `${CONVERSION}\nexport default { conversions: [{ conversion: table, keys: ['*.csv'] }] };`,
    ],
  ])('in %s is run by convert, beside the image conversion', async (name, text) => {
    const finished = await convert(await folder.file(name, text), `out-${name}`);
    expect(withoutProgress(finished.stderr)).toBe('');
    expect(finished.code).toBe(1);
    const lines = linesOf(finished);
    expect(lines.filter(({ type }) => type === 'converted').map(({ key }) => key)).toEqual(
      expect.arrayContaining(['photo.png', 'reports/good.csv']),
    );
    expect(lines).toContainEqual({
      type: 'failed',
      key: 'bad.csv',
      code: 'table.bad_row',
      message: 'row 1 is bad',
    });
    expect(lines).toContainEqual({
      type: 'converted',
      key: 'reports/good.csv',
      results: [{ rendition: 'table', key: 'reports/good.csv', contentType: 'text/csv', bytes: 8 }],
    });
    expect(await readFile(folder.at(`out-${name}/reports/good.csv`), 'utf8')).toBe('A,B\n1,2\n');
  });

  it('is run by start, and its codes are in the dead-letter queue', async () => {
    const named = CONFIG.replace("name: 'table',", "name: 'table', extension: 'txt',");
    const config = await folder.file('start.config.mjs', named);
    const started = await millraceStart('--config', config, '--concurrency', '1');
    try {
      const endpoint = ['--endpoint', started.url];
      const uploaded = await millrace('upload', folder.at('in'), ...endpoint, '--wait');
      expect(uploaded.code).toBe(1);
      await eventually('the dead letter is there', async () => {
        const { stdout } = await millrace('dlq', ...endpoint, '--json');
        return stdout.includes('table.bad_row');
      });
      const { stdout } = await millrace('dlq', ...endpoint);
      expect(stdout).toMatch(/table\.bad_row +1 +.*fix the cause first +bad\.csv/);
      const good = await millrace('status', 'reports/good.csv', ...endpoint);
      expect(good.stdout).toContain('  table  reports/good.csv  text/csv  8 bytes\n');
      const answer = await fetch(`${started.url}/objects/reports/good.csv`);
      expect(await answer.json()).toMatchObject({
        status: 'converted',
        results: [{ rendition: 'table', key: 'reports/good.csv', contentType: 'text/csv', bytes: 8 }],
      });
      const download = await fetch(`${started.url}/results/reports/good.csv`);
      expect(await download.text()).toBe('A,B\n1,2\n');
      expect(download.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''good.txt");
      const one = await millrace('status', 'bad.csv', ...endpoint);
      expect(one.stdout).toContain('table.bad_row: row 1 is bad');
      const plan = await millrace('redrive', '--code', 'table.bad_row', ...endpoint);
      expect(plan.stdout).toContain('table.bad_row');
    } finally {
      await started.end('SIGTERM');
    }
  });
});

describe('a configuration in JSON', () => {
  const options = { renditions: [{ name: 'icon', width: 8, format: 'png' }] };
  const config = (more: object) =>
    JSON.stringify({ conversions: [{ conversion: 'image', keys: ['*.png'], options }], ...more });

  it('can define different images for some uploads, in convert and the local pipeline', async () => {
    const file = await folder.file('millrace.config.json', config({ resultName: '{key}.{extension}' }));
    const lines = linesOf(await convert(file, 'out-json'));
    const icon = { rendition: 'icon', key: 'photo.png.png', contentType: 'image/png' };
    expect(lines).toContainEqual(expect.objectContaining({ results: [expect.objectContaining(icon)] }));
    const pipeline = await startPipeline({ configFile: file, concurrency: 1 });
    try {
      const endpoint = ['--endpoint', pipeline.url];
      await millrace('upload', folder.at('in/photo.png'), ...endpoint, '--wait');
      const { stdout } = await millrace('status', 'photo.png', ...endpoint);
      expect(stdout).toContain('  icon  photo.png.png  image/png  ');
    } finally {
      await pipeline.stop();
    }
  });

  it('is refused by start with all mistakes and their paths', async () => {
    const conversions = [{ conversion: 'table' }, { conversion: 'image', options: { renditions: [{}] } }];
    const file = await folder.file('wrong.json', config({ conversions, ignore: 'x' }));
    const { code, stderr } = await millrace('start', '--config', file);
    expect(code).toBe(2);
    expect(stderr).toContain('wrong.json is not usable:\n  conversions[0].conversion: expected what');
    expect(stderr).toContain('\n  conversions[1].options.renditions[0].name: ');
    expect(stderr).toContain('\n  ignore: ');
  });
});

it('start refuses a recipe that only convert can use, with exit code 2', async () => {
  const recipe = await folder.file('stem.json', '{"resultName":"{stem}.{extension}"}');
  const { code, stderr, stdout } = await millrace('start', '--recipe', recipe);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('stem.json is not usable:\n  resultName: in a pipeline, a.jpg and a.png');
});

describe('an invalid configuration ends with exit code 2 and a reason', () => {
  it.each<[string, string, string[]]>([
    [
      'mistakes.config.mjs',
      `${CONVERSION}\nexport default { renditions: [{ name: 'A' }], conversions: [{ conversion: table, keys: [], limits: { seconds: 1000 } }] };`,
      [
        'mistakes.config.mjs is not usable',
        'renditions[0].name',
        'conversions[0].keys',
        'conversions[0].limits.seconds',
      ],
    ],
    [
      'defined.config.mjs',
      `${CONVERSION}\nexport default defineConfig({ ignore: 'x', conversions: [{ conversion: table, keys: [] }] });`,
      ['defined.config.mjs is not usable:\n  conversions[0].keys: ', '\n  ignore: '],
    ],
    ['nothing.config.mjs', CONVERSION, ['nothing.config.mjs is not usable', 'no default export']],
    ['throws.config.mjs', `throw new Error('on purpose');`, ['could not be read', 'on purpose']],
    ['syntax.config.mjs', `export default {`, ['could not be read', 'Unexpected']],
    [
      'recipe.config.json',
      `{"renditions":[{"name":"A"}]}`,
      ['recipe.config.json is not usable', 'renditions[0].name'],
    ],
  ])('%s', async (name, text, expected) => {
    const { code, stderr, stdout } = await convert(await folder.file(name, text), 'never');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const part of expected) expect(stderr).toContain(part);
  });

  it('an ES module in a CommonJS package, as created by npm init', async () => {
    await folder.file('commonjs/package.json', '{ "type": "commonjs" }');
    for (const text of [CONFIG, 'export default {};']) {
      const config = await folder.file('commonjs/millrace.config.js', text);
      const { code, stderr } = await convert(config, 'never');
      expect(code).toBe(2);
      expect(stderr).toContain('is not usable:\n  its package.json makes it CommonJS: run `npm pkg set');
    }
  });

  it('a missing file', async () => {
    const { code, stderr } = await convert(folder.at('missing.config.mjs'), 'never');
    expect(code).toBe(2);
    expect(stderr).toMatch(/missing\.config\.mjs could not be read: .*(Cannot find|ENOENT)/);
  });

  it('a recipe beside it', async () => {
    const recipe = await folder.file('recipe.json', '{}');
    const config = await folder.file('with-recipe.config.mjs', CONFIG);
    const { code, stderr } = await millrace('start', '--recipe', recipe, '--config', config);
    expect(code).toBe(2);
    expect(stderr).toContain('--recipe and --config exclude each other');
  });
});
