import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { handlerFile } from '../../../../test/support/handler-file.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import type { Order, Report } from '../../../../test/support/handlers/obedient.ts';
import type { FromProcess, Invocation } from '../../src/lambda/protocol.ts';

it('a process whose service was killed ends, with the programs that it started', async () => {
  const child = fork(handlerFile('runtime'), [pathToFileURL(handlerFile('obedient')).href], {
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const event: Order = { startProgram: true };
  let program = 0;
  for await (const [message] of on(child, 'message') as AsyncIterable<[FromProcess]>) {
    if (message.kind === 'ready') child.send({ id: '1', event, milliseconds: 60_000 } satisfies Invocation);
    if (message.kind !== 'answer') continue;
    program = (message.value as Report).program ?? 0;
    break;
  }
  expect(isAlive(program)).toBe(true);

  // As the end of the service does.
  child.disconnect();
  await ended;
  await eventually('the program is gone', () => Promise.resolve(!isAlive(program)));
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
