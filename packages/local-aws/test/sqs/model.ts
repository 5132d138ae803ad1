import { noJournal } from '../../src/journal.ts';
import { seededRandom } from '../../src/random.ts';
import { createSqsModel } from '../../src/sqs/model.ts';
import type { SqsModelOptions } from '../../src/sqs/model/state.ts';
import type { QueueState } from '../../src/sqs/queue.ts';
import { fakeClock } from '../support/fake-clock.ts';

export const SECOND = 1000;
export const NOTHING = { visible: 0, inFlight: 0, delayed: 0 };

/** Returns a model whose time the test controls. */
export function setUp(options: Partial<SqsModelOptions> = {}) {
  const clock = fakeClock();
  const shared = {
    clock,
    random: seededRandom(1),
    journal: noJournal,
    region: 'us-east-1',
    accountId: '000000000000',
  };
  return { clock, sqs: createSqsModel({ ...shared, ...options }) };
}

export const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

/** Returns the attributes of a queue whose dead letters go to the queue `dead`. */
export const redrive = (maxReceiveCount: number) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount }),
});

export const bodies = (messages: Iterable<{ body: string }>) => [...messages].map(({ body }) => body);

export const total = (queue: QueueState) => [...queue.all()].length;
