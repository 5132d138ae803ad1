import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSEvent } from 'aws-lambda';

/**
 * A function that does what its messages' bodies say, and records its invocations in the file DIARY: start and end,
 * with the process. For messages that say so, it waits until the file GATE exists.
 */
export async function handler({ Records }: SQSEvent) {
  const bodies = Records.map(({ body }) => body);
  note({ begin: bodies });
  if (bodies.includes('die')) process.kill(process.pid, 'SIGKILL');
  if (bodies.includes('throw')) throw new Error('thrown on purpose');
  if (bodies.includes('hang')) await sleep(600_000);
  while (bodies.some((body) => body.startsWith('wait')) && !existsSync(String(process.env['GATE'])))
    await sleep(20);
  note({ end: bodies });
  const failed = Records.filter(({ body }) => body === 'fail');
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

function note(entry: object): void {
  appendFileSync(String(process.env['DIARY']), `${JSON.stringify({ ...entry, pid: process.pid })}\n`);
}
