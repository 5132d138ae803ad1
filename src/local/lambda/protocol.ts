/** What the local Lambda service and the processes of a function say to each other over IPC. */
export interface Invocation {
  id: string;
  event: unknown;
  /** When the process will be killed; milliseconds since the epoch. */
  deadline: number;
}

export type FromProcess =
  | { kind: 'ready' }
  | { kind: 'answer'; id: string; value: unknown }
  | { kind: 'error'; id: string; message: string };
