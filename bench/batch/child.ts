import { spawn, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

interface ChildOptions {
  /** TypeScript or JavaScript. */
  module: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Processors that it may run on, in the syntax of `taskset`; by default, all. */
  processors?: string | undefined;
}

/** A process that sends one message when it is ready, then answers questions, one at a time. */
export interface Child<Started> {
  started: Started;
  ask<Answer>(question: Serializable): Promise<Answer>;
  stop(): Promise<void>;
}

/** @throws Error if it exits before it is ready */
export async function startChild<Started>(options: ChildOptions): Promise<Child<Started>> {
  const { module, args, env, processors } = options;
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const node = [process.execPath, ...(module.endsWith('.ts') ? ['--import', loader] : []), module, ...args];
  const [program = '', ...rest] = processors === undefined ? node : ['taskset', '-c', processors, ...node];
  // Not inherited, because sides that do not set it must run without it.
  const { MALLOC_ARENA_MAX: _, ...inherited } = process.env;
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...inherited, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...env },
  });
  const exited = once(child, 'exit');
  const died = exited.then(([code, signal]) => {
    throw new Error(`${module} exited with ${String(signal ?? code)}`);
  });
  died.catch(() => undefined);
  const answer = async <T>(): Promise<T> => {
    const [message] = (await Promise.race([once(child, 'message'), died])) as [T];
    return message;
  };
  return {
    started: await answer<Started>(),
    ask(question) {
      const answered = answer<never>();
      child.send(question);
      return answered;
    },
    async stop() {
      child.kill();
      await exited;
    },
  };
}
