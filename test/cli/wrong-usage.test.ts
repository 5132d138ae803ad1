import { access } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millrace, millraceIn, millraceStart, type Started } from '../support/command.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';

let started: Started;
let folder: TestFolder;
beforeAll(async () => {
  [started, folder] = await Promise.all([millraceStart('--concurrency', '1'), createTestFolder()]);
  await folder.image('photos/a.png');
  await folder.file('there.jsonl', '');
  await folder.file('no-json.jsonl', '\n{"id"');
  await folder.file('no-export.jsonl', '{"id":"1"}\n');
});
afterAll(async () => {
  await started.end('SIGTERM');
  await folder.remove();
});

/** Arguments of a command line, with `@name` for a path in the test's folder, and its message. */
const WITHOUT_PIPELINE: [line: string, message: string | RegExp][] = [
  ['', 'Usage: millrace'],
  ['frobnicate', "unknown command 'frobnicate'"],
  ['upload @photos --frobnicate', "unknown option '--frobnicate'"],
  ['upload @photos --concurrency many', 'Expected a whole number from 1 to 256, got "many"'],
  ['redrive --stop-if-failing 120%', 'Expected a percentage from 0 to 100, such as 20%, got "120%"'],
  ['redrive --rate 501', 'Expected a whole number from 1 to 500, got "501"'],
  ['redrive --canary 1001', 'Expected a whole number from 1 to 1000, got "1001"'],
  ['dlq purge --since 5 --export @new.jsonl --yes', 'Expected an ISO 8601 time'],
  ['dlq purge --prefix= --export @new.jsonl --yes', 'It is empty; leave the option out to choose all'],
  [
    'dlq export @new.jsonl --code image.corupt',
    'There is no code "image.corupt": did you mean image.corrupt',
  ],
  ['dlq purge --code corrupt --export @new.jsonl --yes', 'did you mean image.corrupt'],
  ['redrive --code process.dead --yes', 'did you mean process.died'],
  ['redrive --code imge.corrupt --yes', 'did you mean image.corrupt'],
  ['redrive --code zzzzzzzzzzzzzzzz', 'docs/runbook.md lists all codes'],
  ['redrive --code toString', 'There is no code "toString"'],
  ['status --endpoint http://127.0.0.1:1 --stack one', 'name either --endpoint or --stack, not both'],
  ['status --endpoint localhost:4800', '--endpoint: expected a URL such as http://127.0.0.1:4800'],
  ['dlq purge --yes', "required option '--export <file>' not specified"],
  ['dlq --stack production purge --export @new.jsonl --yes', 'put options after purge'],
  ['redrive --yes cancel', 'put options after cancel: redrive cancel --yes'],
  ['upload @absent', /there is no file or folder .*absent/],
  ['upload @photos --timeout 5', '--timeout limits the wait: add --wait'],
  ['redrive --timeout 5 --yes', '--timeout limits the wait: add --wait'],
  ['convert @photos --out @photos', '--out must be a different folder'],
  ['start --recipe @there.jsonl', /the recipe .*there\.jsonl is not usable/],
];

const WITH_PIPELINE: [line: string, message: string | RegExp][] = [
  [
    'upload @photos --bucket mine',
    '--bucket: mine is not an upload bucket of this pipeline; its upload buckets: uploads',
  ],
  ['dlq export @there.jsonl', /there\.jsonl already exists .*choose a new file/],
  ['dlq purge --export @there.jsonl --yes', /there\.jsonl already exists .*choose a new file/],
  ['dlq export @absent/file.jsonl', /absent\/file\.jsonl is not usable: ENOENT/],
  ['redrive --from @absent.jsonl', /absent\.jsonl is not usable: ENOENT/],
  ['redrive --from @photos --yes', /photos is not usable: EISDIR/],
  ['redrive --from @no-json.jsonl', /no-json\.jsonl: line 2 is not JSON/],
  ['redrive --from @no-export.jsonl --yes', /no-export\.jsonl: line 1 is not an exported dead letter: code/],
  ['redrive --from @there.jsonl --archived', 'name either --from or --archived'],
  [
    'dlq purge --export @new.jsonl',
    /Delete all dead letters, .* This is not an interactive terminal: confirm with --yes/,
  ],
  ['redrive cancel', 'This is not an interactive terminal: confirm with --yes'],
  ['drill', 'This is not an interactive terminal: confirm with --yes'],
];

function wordsOf(line: string): string[] {
  return line === '' ? [] : line.split(' ').map((word) => word.replace(/^@/, `${folder.path}/`));
}

function wrongUsage(message: string | RegExp) {
  return { code: 2, stdout: '', stderr: expect.stringMatching(literal(message)) };
}

/** For people, so without a stack trace. */
const STACK = /^\s+at /m;

describe.concurrent('2, wrong usage:', () => {
  it.each(WITHOUT_PIPELINE)('millrace %s', async (line, message) => {
    const finished = await millrace(...wordsOf(line));
    expect(finished).toMatchObject(wrongUsage(message));
    expect(finished.stderr).not.toMatch(STACK);
  });

  it.each(WITH_PIPELINE)('millrace %s, with a running pipeline', async (line, message) => {
    const finished = await millrace(...wordsOf(line), '--endpoint', started.url);
    expect(finished).toMatchObject(wrongUsage(message));
    expect(finished.stderr).not.toMatch(STACK);
  });

  it('an invalid address in the environment, which the error names', async () => {
    expect(await millraceIn({ MILLRACE_ENDPOINT: 'here' }, 'status')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'millrace: MILLRACE_ENDPOINT: expected a URL such as http://127.0.0.1:4800, got "here"\n',
    });
  });

  it('both kinds of pipeline in the environment', async () => {
    const both = { MILLRACE_ENDPOINT: started.url, MILLRACE_STACK: 'production' };
    expect(await millraceIn(both, 'status')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('MILLRACE_ENDPOINT and MILLRACE_STACK are both set: unset one'),
    });
  });
});

it('a refused command has created no file', async () => {
  await expect(access(folder.at('new.jsonl'))).rejects.toThrow('ENOENT');
});

function literal(message: string | RegExp): RegExp {
  return typeof message === 'string'
    ? new RegExp(message.replaceAll(/[[\]().?]/g, String.raw`\$&`))
    : message;
}
