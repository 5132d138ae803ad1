import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { posterFrame } from '../../examples/poster-frame.ts';
import { testConversion } from '../../src/testing/index.ts';
import { converting } from '../support/converting.ts';
import { inTime } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';

const run = promisify(execFile);
const convert = converting();
let count = 0;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.stubEnv('FFMPEG_PATH', undefined);
});

function convertFile(body: string | Uint8Array, { options = {}, limits = {} }: Given = {}) {
  count += 1;
  return convert({ conversions: [{ conversion: posterFrame, options, limits }] }, `${count}.mp4`, body);
}
interface Given {
  options?: object;
  limits?: { seconds?: number };
}

/** Creates a file with ffmpeg. @param name its extension determines the format */
async function made(name: string, ...args: string[]): Promise<Buffer> {
  const file = join(folder, name);
  await run('ffmpeg', ['-loglevel', 'error', '-nostdin', ...args, '-y', file]);
  return readFile(file);
}

/** One second of red and one second of blue. */
function video(name: string): Promise<Buffer> {
  const second = (color: string) => ['-f', 'lavfi', '-i', `color=${color}:s=160x90:r=5:d=1`];
  return made(name, ...second('red'), ...second('blue'), '-filter_complex', 'concat=n=2');
}

async function colorOf(image: Uint8Array | undefined): Promise<'red' | 'blue' | undefined> {
  const { channels } = await sharp(image).stats();
  const [red = 0, green = 0, blue = 0] = channels.map(({ mean }) => mean);
  if (green > 50) return undefined;
  return red > blue ? 'red' : 'blue';
}

describe('a video', needs('ffmpeg'), () => {
  it.each(['a.mp4', 'a.mov', 'a.webm', 'a.mkv', 'a.avi'])(
    '%s becomes an image of its first frame, with the stamp',
    async (name) => {
      const { results, report } = await convertFile(await video(name));
      expect(report).toBeUndefined();
      expect(results[0]).toMatchObject({
        contentType: 'image/webp',
        metadata: { rendition: 'poster', width: '160', height: '90' },
      });
      expect(await colorOf(results[0]?.bytes)).toBe('red');
      const { xmp } = await sharp(results[0]?.bytes).metadata();
      expect(xmp?.toString()).toContain(results[0]?.metadata['stamp']);
    },
  );

  it('has the frame and the renditions in the options', async () => {
    const renditions = [
      { name: 'small', width: 80, format: 'png' },
      { name: 'thumb', width: 32, height: 32, fit: 'cover', format: 'jpeg' },
    ];
    const { results } = await convertFile(await video('b.mp4'), { options: { at: 1.5, renditions } });
    expect(
      results.map((result) => [result?.contentType, result?.metadata['width'], result?.metadata['height']]),
    ).toEqual([
      ['image/png', '80', '45'],
      ['image/jpeg', '32', '32'],
    ]);
    expect(await colorOf(results[0]?.bytes)).toBe('blue');
  });

  it.each<[string, string, () => Promise<string | Uint8Array>, Given?]>([
    ['poster.no_frame', 'it has no frame at 5 s', () => video('c.mp4'), { options: { at: 5 } }],
    [
      'poster.no_video',
      'it has no pictures',
      () => made('d.mp4', '-f', 'lavfi', '-i', 'sine=d=1', '-brand', 'mp42'),
    ],
    [
      'poster.corrupt',
      'ffmpeg cannot read it: video: Invalid data found when processing input',
      async () => (await video('e.mp4')).subarray(0, 600),
    ],
    [
      'source.not_accepted',
      'the content is image/png, which the conversion poster does not accept; expected video/*',
      () =>
        sharp({ create: { width: 4, height: 3, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
    ],
  ])('fails with %s: %s', async (code, message, body, given) => {
    const { results, report } = await convertFile(await body(), given);
    expect(report).toMatchObject({ status: 'failed', code, message });
    expect(results).toEqual([undefined]);
  });
});

describe('in the test kit', needs('ffmpeg'), () => {
  const file = join(mkdtempSync(join(tmpdir(), 'millrace-test-')), 'sample.mp4');
  afterAll(() => rm(dirname(file), { recursive: true }));
  const picture = ['-f', 'lavfi', '-i', 'testsrc=s=320x180:r=10:d=1'];
  const { status } = spawnSync('ffmpeg', ['-loglevel', 'error', ...picture, file]);
  testConversion(posterFrame, { samples: { 'a.mp4': status === 0 ? readFileSync(file) : '' } });
});

/** The start of an MP4 file. */
const MP4 = Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1');

describe('the program', () => {
  /** Replaces ffmpeg. */
  async function program(script: string): Promise<void> {
    const path = join(folder, 'program');
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    vi.stubEnv('FFMPEG_PATH', path);
  }

  it.each([
    ['kill -SEGV $$', 'poster.program_died: .*/program was ended by SIGSEGV'],
    // As ffmpeg exits on Ctrl-C or when a service stops it.
    ['exit 255', 'poster.program_died: .*/program was ended by a signal'],
    ['echo "video: No space left on device" >&2; exit 1', 'poster.machine: video: No space left on device'],
  ])('that fails for a reason other than the video is tried again: %s', async (script, reason) => {
    await program(script);
    const { isRetried, report, lastAttempt } = await convertFile(MP4);
    expect(report).toBeUndefined();
    expect(isRetried).toBe(true);
    expect(await lastAttempt()).toMatchObject(exhausted(reason));
  });

  it("that is missing is also not the video's fault", async () => {
    vi.stubEnv('FFMPEG_PATH', 'no-such-program');
    const { isRetried, lastAttempt } = await convertFile(MP4);
    expect(isRetried).toBe(true);
    expect(await lastAttempt()).toMatchObject(
      exhausted('poster.no_program: no-such-program could not be started: .* ENOENT'),
    );
  });

  it('is killed at the time limit, and leaves neither a process nor a file behind', async () => {
    const temporary = join(folder, 'temporary');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);
    await program(`echo $$ > '${join(folder, 'pid')}'; pwd > '${join(folder, 'cwd')}'; exec sleep 600`);
    const pidOfProgram = async () => Number(await readFile(join(folder, 'pid'), 'utf8'));
    const { isRetried, lastAttempt } = await inTime(
      'the conversion ends',
      convertFile(MP4, { limits: { seconds: 1 } }),
    );
    expect(isRetried).toBe(true);
    const first = await pidOfProgram();
    expect(await lastAttempt()).toMatchObject(
      exhausted('conversion.timeout: .*/program did not end in time'),
    );
    const second = await pidOfProgram();
    expect(second).not.toBe(first);
    // A process that was not waited for still has its id.
    for (const pid of [first, second]) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(await readFile(join(folder, 'cwd'), 'utf8')).toContain(`${temporary}/millrace-scratch-`);
    expect(await readdir(temporary)).toEqual([]);
  });
});

/** The report after the last attempt. */
function exhausted(reason: string) {
  const message = expect.stringMatching(new RegExp(`^5 attempts failed, the last one with ${reason}$`));
  return { status: 'failed', code: reason.split(':')[0], message };
}
