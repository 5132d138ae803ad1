import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { defineConversion } from '../../src/core/conversion.ts';
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

/** Failed tests of each conversion, by its name: what is said of it, by the test's name. */
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

const CUT = 'converts or fails with a reason when it is cut off';
const FLIPPED = 'converts or fails with a reason when bits are flipped';
const RANDOM = 'converts or fails with a reason when it is random bytes';
const SAME = 'gives the same results again under the same stamp';
const MEMORY = 'needs no more memory for a large source';

describe('a wrong conversion fails exactly the tests that say what is wrong', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['different-each-time', [SAME], /is not the same the second time: 36 bytes .*, then 36 bytes/],
    ['shares-state', [SAME], /is not the same beside another conversion/],
    ['without-its-stamp', ['gives other bytes under another stamp'], /the same bytes under the stamps/],
    ['half-its-stamp', ['gives other bytes under another stamp'], /leave out `stamped`/],
    ['other-alone', ['gives each result alone as with the others'], /one is not the same alone/],
    [
      'other-extension',
      ['becomes other-extension, each exactly once and as S3 can store it'],
      /its content type is image\/webp, but its extension is jpg, which is for image\/jpeg/,
    ],
    ['changes-source', ['is not changed'], /changed the bytes of its source/],
    ['leaves-a-file', ['leaves nothing in the temporary folder'], /left left-.*scratch\(\)/],
    [
      'throws-anything',
      [CUT, FLIPPED, RANDOM],
      /expected results, Rejected or Retryable: .*row is undefined/,
    ],
    ['other-codes', [CUT, FLIPPED, RANDOM], /the code "csv.bad_row", which should be other-codes\.…/],
    ['left-behind', [CUT, FLIPPED, RANDOM], /nothing handles.*nobody waits for this/],
    ['never-ends', [CUT], /the first \d bytes of s\.csv.*did not stop when its signal was aborted/],
    ['blocks', [CUT], /it blocked the event loop/],
    ['goes-on', ['stops when its time is up'], /did not stop when its signal was aborted/],
    [
      'depends-on-chunks',
      ['gives the same results wherever its chunks begin and end'],
      /in chunks of 7 bytes/,
    ],
    [
      'holds-its-source',
      [MEMORY],
      /it needs 9\d\.\d MiB more memory for a source of 128\.0 MiB than for one of 32\.0 MiB/,
    ],
    ['holds-it-elsewhere', [MEMORY], /MiB more memory for a source of 128\.0 MiB than for one of 32\.0 MiB/],
    ['rejects-much', [MEMORY], /it was rejected: rejects-much\.rows: too many rows/],
  ])('%s', (name, tests, message) => {
    expect([...(failures.get(name)?.keys() ?? [])].toSorted()).toEqual([...tests].toSorted());
    for (const text of failures.get(name)?.values() ?? []) expect(text).toMatch(message);
  });
});

describe('a wrong conversion that fails in any case fails the test that says why, too', () => {
  const BECOMES = 'becomes one, two, each exactly once and as S3 can store it';
  const becomes = (name: string) => BECOMES.replace('one, two', name);
  it.each<[string, string, RegExp]>([
    ['leaves-out', BECOMES, /was asked for the rendition two, and made one$/m],
    ['makes-twice', BECOMES, /was asked for the rendition two, and made one, two, two$/m],
    ['not-accepting', 'is content that the conversion accepts', /does not accept; expected image/],
    ['no-content-type', becomes('no-content-type'), /its content type is "csv"/],
    ['own-metadata', becomes('own-metadata'), /Millrace writes metadata of that name/],
    ['unicode-metadata', becomes('unicode-metadata'), /its metadata title is "Å"; expected a text of ASCII/],
    ['removes-its-folder', 'leaves nothing in the temporary folder', /removed its temporary folder/],
  ])('%s', (name, test, message) => {
    expect(failures.get(name)?.get(test)).toMatch(message);
  });
});

it('a conversion that can only be killed is killed, and stderr names it', () => {
  expect(said).toContain('the conversion unstoppable blocks the event loop and cannot be interrupted');
  expect(failures.get('unstoppable')?.keys()).toContain('leaves nothing in the temporary folder');
});

describe('the kit refuses at once', () => {
  const convert = async () => [];
  it.each([
    ['no samples', { samples: {} }, 'there are no samples in {}'],
    ['a folder that is not there', { samples: './nowhere' }, 'nowhere'],
    [
      'options that the conversion does not take',
      { samples: { a: 'x' }, options: { b: 1 } },
      'conversions[0].options',
    ],
    ['limits that nothing may have', { samples: { a: 'x' }, limits: { seconds: 1000 } }, 'limits.seconds'],
  ])('%s', (_what, tests, message) => {
    expect(() => testConversion(defineConversion({ name: 'csv', convert }), tests)).toThrow(message);
  });
});
