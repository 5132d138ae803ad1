import type { OpsContext } from '../../../src/ops/context.ts';

/** Observes each request of an operation when it is sent, and each response when it arrives. */
export interface Observer {
  asked?(command: unknown): void;
  answered?(command: unknown, answer: unknown): void;
}

export function observed(ops: OpsContext, observer: Observer): OpsContext {
  return { ...ops, s3: listening(ops.s3, observer), sqs: listening(ops.sqs, observer) };
}

function listening<T extends { send: unknown }>(client: T, { asked, answered }: Observer): T {
  const send = client.send as (command: unknown) => Promise<unknown>;
  return Object.create(client, {
    send: {
      async value(command: unknown) {
        asked?.(command);
        const answer = await send.call(client, command);
        answered?.(command, answer);
        return answer;
      },
    },
  }) as T;
}
