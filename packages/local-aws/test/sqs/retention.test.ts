import { expect, it } from 'vitest';
import { createClock } from '../../src/clock.ts';
import { fakeMachine } from '../support/fake-machine.ts';
import { bodies, redrive, SECOND, setUp } from './model.ts';

const DAY = 86_400 * SECOND;
const FOUR_DAYS = { MessageRetentionPeriod: '345600' };

function running() {
  const machine = fakeMachine();
  const clock = createClock(machine);
  const { sqs } = setUp({ clock });
  return {
    machine,
    sqs,
    queue: sqs.createQueue('q', FOUR_DAYS, {}),
    run(milliseconds: number) {
      for (let left = milliseconds; left > 0; left -= 30 * SECOND) {
        machine.pass(Math.min(left, 30 * SECOND));
        clock.now();
      }
    },
  };
}

it.each([7, 60, -7])(
  'no message expires when the clock is changed by %i days while the pipeline runs',
  (days) => {
    const { machine, sqs, queue, run } = running();
    sqs.send(queue, { body: 'waits' });
    run(DAY);
    machine.jump(days * DAY);
    run(2 * DAY);
    expect(queue.visible()).toBe(1);
    run(DAY);
    expect(queue.visible()).toBe(0);
  },
);

it('no message expires while the machine is suspended, whether or not its monotonic clock counts that time', () => {
  const { machine, sqs, queue, run } = running();
  sqs.send(queue, { body: 'waits' });
  run(DAY);
  machine.pass(30 * DAY);
  machine.jump(30 * DAY);
  run(2 * DAY);
  expect(bodies(sqs.receive(queue, 1, 0))).toEqual(['waits']);
});

it("a dead letter has its message's age, in running time", () => {
  const { machine, sqs, run } = running();
  const dead = sqs.createQueue('dead', FOUR_DAYS, {});
  const queue = sqs.createQueue('lane', { ...FOUR_DAYS, ...redrive(1) }, {});
  sqs.send(queue, { body: 'poison' });
  machine.jump(30 * DAY);
  run(3 * DAY);
  sqs.receive(queue, 1, 0);
  expect(sqs.receive(queue, 1)).toEqual([]);
  run(DAY - 60 * SECOND);
  expect(dead.visible()).toBe(1);
  run(2 * 60 * SECOND);
  expect(dead.visible()).toBe(0);
});
