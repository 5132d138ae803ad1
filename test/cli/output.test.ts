import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  agree,
  confirm,
  drawLive,
  hint,
  isInteractive,
  isLive,
  print,
  printJson,
} from '../../src/cli/output.ts';
import { define } from '../support/terminal-here.ts';

const ERASE = '\r\u001b[2K';

let output: { stdout: string; stderr: string };
let input: PassThrough & { isTTY?: boolean };
let restore: (() => void)[];
beforeEach(() => {
  output = { stdout: '', stderr: '' };
  input = new PassThrough();
  restore = [define(process, 'stdin', input)];
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      output[name] += String(text);
      return true;
    });
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const each of restore) each();
});

/** Says which of the three streams are terminals. */
function terminals(stdin: boolean, stdout: boolean, stderr: boolean): void {
  restore.push(define(process.stdout, 'isTTY', stdout), define(process.stderr, 'isTTY', stderr));
  input.isTTY = stdin;
}

describe('a line', () => {
  it('ends with one line break', () => {
    terminals(false, false, false);
    print('a');
    print('b\n');
    printJson({ c: 1 });
    hint('d');
    expect(output).toEqual({ stdout: 'a\nb\n{"c":1}\n', stderr: 'd\n' });
  });

  it('replaces the live line, if there is one', () => {
    terminals(true, true, true);
    print('a');
    hint('d');
    expect(output).toEqual({ stdout: `${ERASE}a\n`, stderr: `${ERASE}d\n` });
  });
});

describe('the live line', () => {
  it.each([
    [10, 20],
    [30, 29],
  ])('in a terminal of %i columns has at most %i characters', (columns, length) => {
    restore.push(define(process.stderr, 'columns', columns));
    drawLive('x'.repeat(100));
    expect(output.stderr).toBe(ERASE + 'x'.repeat(length));
  });
});

describe('prompts', () => {
  it.each([
    [true, true, true, true, true],
    [false, true, true, true, false],
    [true, false, true, false, false],
    [true, true, false, false, false],
  ])('need terminals: %j %j %j', (stdin, stdout, stderr, live, interactive) => {
    terminals(stdin, stdout, stderr);
    expect([isLive(), isInteractive()]).toEqual([live, interactive]);
  });

  it.each([
    ['y', true],
    ['Yes', true],
    [' YES ', true],
    ['', false],
    ['n', false],
    ['yess', false],
    ['ay', false],
  ])('are answered with %j: %j', async (answer, agreed) => {
    terminals(true, true, true);
    const asking = confirm('Delete?');
    input.write(`${answer}\n`);
    expect(await asking).toBe(agreed);
    expect(output.stderr).toContain('Delete? [y/N] ');
  });

  it.each(['\u0003', '\u0004'])('change nothing at %j, and leave the line', async (keystroke) => {
    terminals(true, true, true);
    const asking = confirm('Delete?');
    input.write(keystroke);
    await expect(asking).rejects.toMatchObject({ exitCode: 130, message: 'nothing was changed' });
    expect(output.stderr).toMatch(/\n$/);
  });

  it('stop reading after the answer, so that the process can end', async () => {
    terminals(true, true, true);
    const asking = confirm('Delete?');
    input.write('y\n');
    await asking;
    expect(input.isPaused()).toBe(true);
  });

  it('are not needed with --yes', async () => {
    terminals(true, true, true);
    await agree('Delete?', true);
    expect(output.stderr).toBe('');
  });

  it('refuse with another answer than yes', async () => {
    terminals(true, true, true);
    const answering = (answer: string) => {
      const asking = agree('Delete?', undefined);
      input.write(`${answer}\n`);
      return asking;
    };
    await answering('y');
    await expect(answering('n')).rejects.toMatchObject({ exitCode: 130, message: 'nothing was changed' });
  });

  it('without a terminal are wrong usage, and ask nothing', async () => {
    terminals(false, true, true);
    await expect(agree('Delete?', undefined)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^Delete\? .*--yes$/),
    });
    expect(output.stderr).toBe('');
  });
});
