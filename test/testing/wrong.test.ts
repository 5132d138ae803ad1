import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { defineConversion } from '../../src/core/own-conversion.ts';
import { testConversion } from '../../src/testing/index.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

interface Report {
  testResults: {
    assertionResults: {
      ancestorTitles: string[];
      title: string;
      status: string;
      failureMessages: string[];
    }[];
  }[];
}

/** The failed tests of each conversion, by its name: failure messages by the test's name. */
let failures: Map<string, Map<string, string>>;
let said = '';
beforeAll(async () => {
  let report: Report;
  const folder = await mkdtemp(join(tmpdir(), 'millrace-kit-'));
  const file = join(folder, 'report.json');
  try {
    const root = fileURLToPath(new URL('wrong', import.meta.url));
    const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
    const { VITEST: _vitest, ...env } = process.env;
    const options = ['--root', root, '--reporter=json', `--outputFile=${file}`];
    const child = spawn(process.execPath, [vitest, 'run', ...options], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(child, 'close');
    report = JSON.parse(await readFile(file, 'utf8')) as Report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  failures = new Map();
  for (const { ancestorTitles, title, status, failureMessages } of report.testResults.flatMap(
    ({ assertionResults }) => assertionResults,
  )) {
    const name = ancestorTitles[0]?.replace('the conversion ', '') ?? '';
    const failed = failures.get(name) ?? new Map<string, string>();
    failures.set(name, failed);
    if (status !== 'passed') failed.set(title, failureMessages.join('\n'));
  }
});

const CUT = 'is converted or rejected with a reason if it is truncated';
const FLIPPED = 'is converted or rejected with a reason if bits are flipped';
const RANDOM = 'is converted or rejected with a reason if it is random bytes';
const SAME = 'produces the same results for the same stamp';
const MEMORY = 'uses no more memory for a larger source';

describe('a faulty conversion fails exactly the tests that name the fault', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['different-each-time', [SAME], /differs the second time: 36 bytes .*, then 36 bytes/],
    ['shares-state', [SAME], /differs when conversions run concurrently/],
    [
      'without-its-stamp',
      ['produces different bytes for a different stamp'],
      /the same bytes for the stamps/,
    ],
    ['half-its-stamp', ['produces different bytes for a different stamp'], /remove `stamped`/],
    [
      'other-alone',
      ['produces the same result if only one rendition is requested'],
      /one differs if requested alone/,
    ],
    [
      'other-extension',
      ['becomes other-extension, each exactly once and storable in S3'],
      /its content type is image\/webp, but its extension is jpg, which is for image\/jpeg/,
    ],
    ['changes-source', ['is not modified by the conversion'], /modified the bytes of its source/],
    ['leaves-a-file', ['leaves nothing in the temporary folder'], /left left-.*scratch\(\)/],
    [
      'throws-anything',
      [CUT, FLIPPED, RANDOM],
      /expected results, Rejected or Retryable: .*row is undefined/,
    ],
    ['other-codes', [CUT, FLIPPED, RANDOM], /the code "csv.bad_row", which should be other-codes\.…/],
    ['left-behind', [CUT, FLIPPED, RANDOM], /an unhandled error.*nobody waits for this/],
    ['never-ends', [CUT], /the first \d bytes of s\.csv.*did not stop when its signal was aborted/],
    ['blocks', [CUT], /it blocked the event loop/],
    ['goes-on', ['stops at its time limit'], /did not stop when its signal was aborted/],
    ['depends-on-chunks', ['produces the same results for any chunk boundaries'], /in chunks of 7 bytes/],
    [
      'holds-its-source',
      [MEMORY],
      /it uses 9\d\.\d MiB more memory for a source of 128\.0 MiB than for one of 32\.0 MiB/,
    ],
    ['holds-it-elsewhere', [MEMORY], /MiB more memory for a source of 128\.0 MiB than for one of 32\.0 MiB/],
    ['rejects-much', [MEMORY], /it was rejected: rejects-much\.rows: too many rows/],
  ])('%s', (name, tests, message) => {
    expect([...(failures.get(name)?.keys() ?? [])].toSorted()).toEqual([...tests].toSorted());
    for (const text of failures.get(name)?.values() ?? []) expect(text).toMatch(message);
  });
});

describe('a faulty conversion that fails several tests also fails the one that names the fault', () => {
  const BECOMES = 'becomes one, two, each exactly once and storable in S3';
  const becomes = (name: string) => BECOMES.replace('one, two', name);
  it.each<[string, string, RegExp]>([
    ['leaves-out', BECOMES, /was asked for the rendition two, and made one$/m],
    ['makes-twice', BECOMES, /was asked for the rendition two, and made one, two, two$/m],
    ['not-accepting', 'is content that the conversion accepts', /does not accept; expected image/],
    ['no-content-type', becomes('no-content-type'), /its content type is "csv"/],
    ['own-metadata', becomes('own-metadata'), /the name is reserved for Millrace/],
    ['own-claim', becomes('own-claim'), /the name is reserved for Millrace/],
    ['unicode-metadata', becomes('unicode-metadata'), /its metadata title is "Å"; expected an ASCII string/],
    ['removes-its-folder', 'leaves nothing in the temporary folder', /removed its temporary folder/],
  ])('%s', (name, test, message) => {
    expect(failures.get(name)?.get(test)).toMatch(message);
  });
});

it('a conversion that cannot be interrupted is killed, and stderr names it', () => {
  expect(said).toContain('the conversion unstoppable blocks the event loop and cannot be interrupted');
  expect(failures.get('unstoppable')?.keys()).toContain('leaves nothing in the temporary folder');
});

describe('the test kit immediately refuses', () => {
  const convert = async () => [];
  it.each([
    ['no samples', { samples: {} }, 'there are no samples in {}'],
    ['a missing folder', { samples: './nowhere' }, 'nowhere'],
    ['unknown options', { samples: { a: 'x' }, options: { b: 1 } }, 'conversions[0].options'],
    ['limits out of range', { samples: { a: 'x' }, limits: { seconds: 1000 } }, 'limits.seconds'],
  ])('%s', (_what, tests, message) => {
    expect(() => testConversion(defineConversion({ name: 'csv', convert }), tests)).toThrow(message);
  });
});
