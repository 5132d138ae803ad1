import { Worker } from 'node:worker_threads';
import { Rejected } from '../../../../core/errors.ts';
import { TOO_SLOW } from '../errors.ts';
import { limitMemory, type LimitMemory } from './limit-memory.ts';

/** Megabytes for the thread's own JavaScript. Pixels and the library's memory are not part of it. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 };

/** tsx wraps functions in this helper to keep their names. */
const PRELUDE = 'var __name = (wrapped) => wrapped;';

/** What a thread says of an image that its library cannot decode. */
export interface Damaged {
  damaged: string;
}

interface Task<Message> {
  /** Passed to the thread as text, so that builds need no separate file for it: it cannot use anything outside. */
  program: (require: NodeJS.Require, limit: LimitMemory) => unknown;
  workerData: object;
  /** The library's name. */
  name: string;
  /** When the thread is terminated, by `performance.now()`. */
  deadline: number;
  /** Returns the reply to a message, after which the thread continues; nothing if the message is the answer. */
  reply?: (message: Message) => object | undefined;
}

/**
 * Runs a decoder in a thread of its own, which is terminated at the time limit, because WebAssembly cannot be
 * interrupted, and whose memory is then given back.
 * @throws Rejected `conversion.timeout`, and what `reply` throws
 */
export async function inThread<Message>({
  program,
  workerData,
  name,
  deadline,
  reply = () => undefined,
}: Task<Message>): Promise<Message | Damaged> {
  const thread = new Worker(`${PRELUDE}(${program.toString()})(require, ${limitMemory.toString()})`, {
    eval: true,
    // With the options of this process, such as `--input-type=module`, the program might not run.
    execArgv: [],
    workerData,
    resourceLimits: RESOURCE_LIMITS,
    // Libraries and their JavaScript print warnings there.
    stdout: true,
    stderr: true,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Message | Damaged>((resolve, reject) => {
      const left = deadline - performance.now();
      timer = setTimeout(() => reject(new Rejected('conversion.timeout', TOO_SLOW)), left);
      thread.on('message', (message: Message) => {
        try {
          const replied = reply(message);
          if (replied === undefined) resolve(message);
          else thread.postMessage(replied, []);
        } catch (error) {
          reject(error);
        }
      });
      // Damaged files can cause a WebAssembly trap or a stack overflow.
      thread.once('error', (error) => resolve({ damaged: `${name} failed: ${error.message}` }));
      thread.once('exit', () => resolve({ damaged: `${name} ended without an answer` }));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
