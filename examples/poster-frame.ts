import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  defineConversion,
  imageExtensions,
  imageRenditionsSchema,
  Rejected,
  Retryable,
} from 'millrace/config';
import * as z from 'zod';

/** Renders images of one video frame, which the program `ffmpeg` decodes in a separate process. */

const optionsSchema = z.strictObject({
  /** Seconds from the start of the video to the frame. */
  at: z.number().min(0).default(0),
  /** As in a recipe. */
  renditions: imageRenditionsSchema.prefault([{ name: 'poster', width: 1280 }]),
});

const MOST_PIXELS = 50_000_000;
/** ffmpeg's messages if the cause is the machine and not the video. */
const MACHINE_TROUBLE = /No space left on device|Cannot allocate memory|Input\/output error/;

export const posterFrame = defineConversion({
  name: 'poster',
  accepts: ['video/*'],
  stamped: true,
  streams: true,
  options: optionsSchema,
  limits: { bytes: 500_000_000, seconds: 60 },
  renditions: ({ renditions }) => renditions.map(({ name }) => name),
  extension: (rendition, { renditions }) => imageExtensions(renditions)[rendition],
  async convert({ source, options, renditions, signal, scratch, renderImage }) {
    const folder = await scratch();
    // A file, because a video's index can be at its end.
    await pipeline(source.stream(), createWriteStream(join(folder, 'video')), { signal });
    await ffmpeg(argumentsFor(options.at), folder, signal);
    const frame = await readFile(join(folder, 'frame.png')).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new Rejected('poster.no_frame', `it has no frame at ${options.at} s`);
    });
    return renderImage(
      frame,
      options.renditions.filter(({ name }) => renditions.includes(name)),
    );
  },
});

/** Arguments that write one frame of `video` to `frame.png`, read nothing else, and are deterministic. */
function argumentsFor(at: number): string[] {
  const read = `-protocol_whitelist file -max_pixels ${MOST_PIXELS} -ss ${at} -i video -map 0:v:0 -frames:v 1`;
  const exact = '-fflags +bitexact -flags:v +bitexact -sws_flags bitexact+accurate_rnd+full_chroma_int';
  const write = '-pix_fmt rgb24 -f image2 -update 1 frame.png';
  return `-nostdin -loglevel error -threads 1 ${read} ${exact} ${write}`.split(' ');
}

/**
 * Runs the program, kills it on abort, and always waits for its exit, so that no process is left behind. Only if the
 * worker itself is killed does the program continue to its end.
 * @throws Rejected `poster.corrupt`, `poster.no_video`
 * @throws Retryable `poster.no_program`, `poster.program_died`, `poster.machine`, `conversion.timeout`
 */
async function ffmpeg(args: readonly string[], folder: string, signal: AbortSignal): Promise<void> {
  const program = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(child, 'close');
  let errors = '';
  // The last lines say why it failed. Without a free file descriptor, there is no pipe.
  const { stderr }: { stderr: Readable | undefined } = child;
  stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-1000)));
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  const [code, killedBy] = (await closed
    .catch((cause: unknown) => {
      throw new Retryable('poster.no_program', `${program} could not be started: ${String(cause)}`, {
        cause,
      });
    })
    .finally(() => signal.removeEventListener('abort', kill))) as [number | null, NodeJS.Signals | null];
  if (code === 0) return;
  if (signal.aborted) throw new Retryable('conversion.timeout', `${program} did not end in time`);
  // It exits with 255 when it receives a signal; Ctrl-C also reaches it.
  if (killedBy !== null || code === 255)
    throw new Retryable('poster.program_died', `${program} was ended by ${killedBy ?? 'a signal'}`);
  const reason = (errors.trim().split('\n').at(-1) ?? '').replace(/^\[.* @ 0x\w+\] /, '');
  if (MACHINE_TROUBLE.test(errors)) throw new Retryable('poster.machine', reason);
  if (errors.includes('matches no streams')) throw new Rejected('poster.no_video', 'it has no pictures');
  throw new Rejected('poster.corrupt', `${program} cannot read it: ${reason}`);
}
