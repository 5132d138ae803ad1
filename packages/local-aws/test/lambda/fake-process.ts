import type { FunctionProcess, Invoked } from '../../src/lambda/function-process.ts';

/** A process of a function whose life and answers a test controls. */
export interface FakeProcess extends FunctionProcess {
  alive: boolean;
  /** Invocations without an answer, oldest first. */
  invocations: { event: unknown; answer: (invoked: Invoked) => void }[];
}

/** Returns a way to start such processes, and those that were started. */
export function fakeProcesses(): { start: () => FakeProcess; started: FakeProcess[] } {
  const started: FakeProcess[] = [];
  const start = () => {
    const invocations: FakeProcess['invocations'] = [];
    const process: FakeProcess = {
      alive: true,
      ready: Promise.resolve(),
      logFile: `${started.length + 1}.log`,
      invocations,
      invoke: (event) => new Promise((answer) => void invocations.push({ event, answer })),
      kill() {
        process.alive = false;
        return Promise.resolve();
      },
    };
    started.push(process);
    return process;
  };
  return { start, started };
}

export const ANSWER: Invoked = { kind: 'answer', value: undefined };
