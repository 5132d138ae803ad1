import { cases, fc } from '../../../../test/support/fuzz.ts';
import { expect, it } from 'vitest';
import type { QueueState } from '../../src/sqs/queue.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { redrive, SECOND, setUp } from './model.ts';

const seconds = fc.integer({ min: 0, max: 30 });
const handle = fc.nat(20);
const operation = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), seconds }),
  fc.record({ kind: fc.constant('receive' as const), max: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ kind: fc.constant('delete' as const), handle }),
  fc.record({ kind: fc.constant('hide' as const), handle, seconds }),
  fc.record({ kind: fc.constant('advance' as const), seconds }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const VISIBILITY = 10;
const RECEIVES = 3;

/** Performs operations and keeps a ledger of each message's queue and hidden time. */
async function run(operations: Operation[]): Promise<void> {
  const journal = memoryJournal();
  const { clock, sqs } = setUp({ journal });
  const dead = sqs.createQueue('dead', {}, {});
  const queue = sqs.createQueue('q', { VisibilityTimeout: String(VISIBILITY), ...redrive(RECEIVES) }, {});
  const ledger = new Map<string, { hiddenUntil: number; receives: number; receipt?: string }>();
  const handles: { id: string; receipt: string }[] = [];
  const later = (after: number) => clock.now() + after * SECOND;

  function receive(max: number): void {
    const before = [...ledger].filter(([, { hiddenUntil }]) => hiddenUntil <= clock.now());
    const received = sqs.receive(queue, max);
    const mayBe = before.filter(([, { receives }]) => receives < RECEIVES).length;
    expect(received).toHaveLength(Math.min(max, mayBe));
    for (const { id, receipt, receiveCount } of received) {
      const entry = ledger.get(id);
      expect(entry?.hiddenUntil).toBeLessThanOrEqual(clock.now());
      expect(receiveCount).toBe((entry?.receives ?? 0) + 1);
      ledger.set(id, { hiddenUntil: later(VISIBILITY), receives: receiveCount, receipt });
      handles.push({ id, receipt });
    }
  }

  for (const each of operations) {
    const held = 'handle' in each ? handles[each.handle % handles.length] : undefined;
    const entry = held === undefined ? undefined : ledger.get(held.id);
    const counts = entry?.receipt === held?.receipt;
    if (each.kind === 'send') {
      const { id } = sqs.send(queue, { body: 'x', delaySeconds: each.seconds });
      ledger.set(id, { hiddenUntil: later(each.seconds), receives: 0 });
    } else if (each.kind === 'receive') receive(each.max);
    else if (each.kind === 'advance') clock.advance(each.seconds * SECOND);
    else if (held !== undefined && each.kind === 'delete') {
      const isDead = dead.get(held.id) !== undefined;
      sqs.delete(queue, held.receipt);
      if (counts && !isDead) ledger.delete(held.id);
    } else if (held !== undefined && each.kind === 'hide') {
      if (entry !== undefined && counts && entry.hiddenUntil > clock.now()) {
        sqs.changeVisibility(queue, held.receipt, each.seconds);
        entry.hiddenUntil = later(each.seconds);
      } else expect(() => sqs.changeVisibility(queue, held.receipt, each.seconds)).toThrow('not in flight');
    }
    const there = [...queue.all(), ...dead.all()].map(({ id }) => id);
    expect(there.toSorted()).toEqual([...ledger.keys()].toSorted());
    for (const { id } of dead.all()) expect(ledger.get(id)?.receives).toBe(RECEIVES);
  }

  // Another process finds the same messages in the same queues.
  const after = setUp({ journal, clock }).sqs;
  await after.restore();
  expect(after.queues().map(({ name }) => [name, kept(after.queue(name))])).toEqual(
    sqs.queues().map((each) => [each.name, kept(each)]),
  );
}

/** Returns the message data that a queue keeps after a restart, by id. */
const kept = (queue: QueueState) =>
  [...queue.all()]
    .map(({ id, body, sentAt, receiveCount }) => ({ id, body, sentAt, receiveCount }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));

it('no sequence of operations or restarts creates or loses a message, or shows a hidden one', async () => {
  await fc.assert(fc.asyncProperty(fc.array(operation, { maxLength: 60 }), run), { numRuns: cases(300) });
});
