/** IPC messages between the local Lambda service and the processes of a function. */
export interface Invocation {
  id: string;
  event: unknown;
  /** Time until the process is killed. A duration, because the machine's clock may jump. */
  milliseconds: number;
}

export type FromProcess =
  | { kind: 'ready' }
  | { kind: 'answer'; id: string; value: unknown }
  | { kind: 'error'; id: string; message: string }
  /** What the function's own code sends to the program that started it. */
  | { kind: 'event'; event: unknown };
