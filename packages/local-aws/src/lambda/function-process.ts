import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FromProcess, Invocation } from './protocol.ts';
import { openWorkerLog, type WorkerLog } from './worker-log.ts';

export interface FunctionCode {
  name: string;
  /** Path of the module that exports `handler`. */
  module: string;
  /** Path of the program that the processes run: this package's `lambda/runtime`, if it was bundled. */
  runtime?: string;
  env: Readonly<Record<string, string>>;
  /** Time limit of an invocation, without the start of its process, as on Lambda. */
  timeoutSeconds: number;
  /** Folder for one log file per process. */
  logFolder: string;
  /** Called with each line that a process writes to its standard output. */
  onLine?(line: string): void;
  /** Called with each event that the function's code sends with `sendEvent`, before the answer of its invocation. */
  onEvent?(event: unknown): void;
  /** Called when a process cannot be started. Starting is retried while an invocation waits. */
  onNotStarted?(error: Error): void;
}

/** How an invocation ended. Everything except a response is a function error. */
export type Invoked =
  | { kind: 'answer'; value: unknown }
  | { kind: 'error' | 'died' | 'timed out'; message: string; logFile?: string };

/** A process of a function. It handles one invocation at a time, and dies at most once. */
export interface FunctionProcess {
  invoke(event: unknown): Promise<Invoked>;
  /** Resolves when the module is loaded; rejects with the end of its log if it cannot be loaded. */
  readonly ready: Promise<void>;
  readonly alive: boolean;
  /** Path of its log. */
  readonly logFile: string;
  /** Ends the process at once. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Beside this file in the built package. */
const RUNTIME = fileURLToPath(new URL('runtime.js', import.meta.url));
/** Ends only processes that hang while their module loads. */
const START_SECONDS = 300;

export function startFunctionProcess(code: FunctionCode): FunctionProcess {
  const logStream = `${new Date().toISOString().slice(0, 10)}-${randomUUID().replaceAll('-', '')}`;
  const logFile = join(code.logFolder, `${logStream}.log`);
  let child: ChildProcess;
  try {
    child = spawn(code, logStream, logFile);
  } catch (error) {
    // Node throws for lack of memory, but not for lack of open files.
    return notStarted(code, logFile, error);
  }
  // A process without an id was not started, for lack of open files or memory, and never exits.
  let alive = child.pid !== undefined;
  let end: (invoked: Invoked) => void = () => undefined;

  const exited = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      code.onNotStarted?.(error);
      resolve();
    });
    child.once('exit', (exitCode, signal) => {
      alive = false;
      killGroup(child);
      end({
        kind: 'died',
        message: `the process ended with ${signal ?? `exit code ${exitCode}${uncaughtIn(logFile)}`}`,
        logFile,
      });
      resolve();
    });
  });
  child.on('message', (message: FromProcess) => message.kind === 'event' && code.onEvent?.(message.event));
  const ready = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.on('message', (message: FromProcess) => message.kind === 'ready' && resolve());
    void exited.then(() => reject(new Error(`the function ${code.name} did not start:\n${endOf(logFile)}`)));
  });
  // Each invocation reports the end of the process anyway.
  ready.catch(() => undefined);

  return {
    ready,
    logFile,
    get alive() {
      return alive;
    },
    invoke(event) {
      return new Promise<Invoked>((resolve) => {
        const id = randomUUID();
        const endAfter = (seconds: number, message: string) =>
          setTimeout(() => {
            finish({ kind: 'timed out', message });
            killGroup(child);
          }, seconds * 1000);
        let timer = endAfter(START_SECONDS, `the function did not start within ${START_SECONDS} s`);
        const send = () => {
          if (!alive) return;
          clearTimeout(timer);
          timer = endAfter(code.timeoutSeconds, `the function ran longer than ${code.timeoutSeconds} s`);
          const invocation: Invocation = { id, event, milliseconds: code.timeoutSeconds * 1000 };
          // A process that cannot be reached is ending. Its exit ends the invocation, and says why.
          child.send(invocation, (error) => error && killGroup(child));
        };
        const listen = (message: FromProcess) => {
          if (message.kind === 'ready' || message.kind === 'event' || message.id !== id) return;
          finish(message.kind === 'answer' ? { kind: 'answer', value: message.value } : message);
        };
        const finish = (invoked: Invoked) => {
          clearTimeout(timer);
          child.off('message', listen);
          end = () => undefined;
          resolve(invoked);
        };
        end = finish;
        child.on('message', listen);
        // If the process ends before it is ready, its end ends the invocation.
        if (alive) void ready.then(send, () => undefined);
        else finish({ kind: 'died', message: 'the process had already ended', logFile });
      });
    },
    kill() {
      if (alive) killGroup(child);
      return exited;
    },
  };
}

/** Returns a stand-in for a process that could not be started. Starting is retried while an invocation waits. */
function notStarted({ onNotStarted }: FunctionCode, logFile: string, thrown: unknown): FunctionProcess {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  onNotStarted?.(error);
  const ready = Promise.reject(error);
  ready.catch(() => undefined);
  return {
    ready,
    logFile,
    alive: false,
    invoke: () =>
      Promise.resolve({ kind: 'died', message: `the process did not start: ${error.message}`, logFile }),
    kill: () => Promise.resolve(),
  };
}

/** Kills a process and the programs that it started, such as `ffmpeg`. On Lambda, they end with it as well. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has ended, and left no other.
  }
}

/** Returns the error that Node printed last before it ended the process, such as `: Error: no such font`. */
function uncaughtIn(logFile: string): string {
  const line = endOf(logFile)
    .split('\n')
    .findLast((each) => /^\w*Error\b.*: /.test(each));
  return line === undefined ? '' : `: ${line}`;
}

/** Returns the last lines of a log for an error message, because the log may be deleted later. */
function endOf(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n');
  } catch (error) {
    return `its log cannot be read: ${String(error)}`;
  }
}

function spawn(code: FunctionCode, logStream: string, logFile: string): ChildProcess {
  const log = openWorkerLog(logFile);
  let child: ChildProcess;
  try {
    child = fork(code.runtime ?? RUNTIME, [pathToFileURL(code.module).href], {
      // Workers do not inherit Node options such as --inspect.
      execArgv: [],
      // Leads a process group of its own.
      detached: true,
      stdio: ['ignore', code.onLine === undefined ? log.stdio : 'pipe', log.stdio, 'ipc'],
      env: {
        ...process.env,
        ...code.env,
        AWS_LAMBDA_FUNCTION_NAME: code.name,
        AWS_LAMBDA_LOG_GROUP_NAME: code.logFolder,
        AWS_LAMBDA_LOG_STREAM_NAME: logStream,
        // Otherwise, glibc gives each thread its own arena, which never shrinks.
        MALLOC_ARENA_MAX: '2',
      },
    });
  } catch (error) {
    log.close();
    throw error;
  }
  // A process that could not be started has no output.
  if (code.onLine === undefined || !child.stdout) log.close();
  else tap(child, log, code.onLine);
  return child;
}

/** Writes a process's output to its log and reports each line. */
function tap(child: ChildProcess, log: WorkerLog, onLine: (line: string) => void): void {
  let begun = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    log.write(text);
    const lines = (begun + text).split('\n');
    begun = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  child.once('close', () => log.close());
}
