import { describe, expect, it } from 'vitest';
import { pollerHours, rampOf, type EventSource, type Ramp } from '../../../src/cli/estimate/event-source.ts';
import { fc } from '../../support/fuzz.ts';

const source = (more: Partial<EventSource>): EventSource => ({
  scaling: { concurrency: 1000 },
  accountConcurrency: 1000,
  batchSize: 10,
  batchSeconds: 3,
  ...more,
});

const provisioned = (minimum: number, maximum: number, more: Partial<EventSource> = {}) =>
  source({ scaling: { pollers: { minimum, maximum } }, accountConcurrency: 100_000, ...more });

describe('an event source', () => {
  it('starts with five invocations and adds 300 per minute, up to the maximum concurrency', () => {
    expect(rampOf(source({ scaling: { concurrency: 50 } }))).toEqual({
      start: 5,
      perSecond: 5,
      limit: 50,
      limitedBy: 'maximum-concurrency',
    });
  });

  it('starts with the maximum concurrency if that is lower', () => {
    expect(rampOf(source({ scaling: { concurrency: 2 } }))).toMatchObject({ start: 2, limit: 2 });
  });

  it.each<[string, EventSource, Partial<Ramp>]>([
    [
      'the account',
      source({ accountConcurrency: 10 }),
      { start: 5, limit: 10, limitedBy: 'account-concurrency' },
    ],
    [
      'Lambda',
      source({ scaling: { concurrency: 5000 }, accountConcurrency: 9000 }),
      { limit: 1250, limitedBy: 'event-source' },
    ],
    ['its pollers', provisioned(2, 200), { start: 20, limit: 2000, limitedBy: 'event-pollers' }],
    ['its pollers, which are fewer', provisioned(2, 2), { start: 20, limit: 20 }],
    [
      'the polls, if an invocation takes half a second',
      provisioned(2, 200, { batchSeconds: 0.5 }),
      { start: 10, limit: 1000 },
    ],
    ['the messages in flight', provisioned(2, 10_000), { limit: 12_000, limitedBy: 'messages-in-flight' }],
  ])('is limited by %s', (_, given, ramp) => {
    expect(rampOf(given)).toMatchObject(ramp);
  });

  it('adds 1,000 per minute in provisioned mode', () => {
    expect(rampOf(provisioned(2, 200)).perSecond).toBeCloseTo(1000 / 60, 9);
  });
});

describe('event pollers', () => {
  it('are billed from the minimum to the maximum, as invocations grow', () => {
    const pollers = { minimum: 2, maximum: 102 };
    const ramp = rampOf(provisioned(2, 102));
    // From 20 to 1,020 invocations: one minute with 52 pollers on average, then 102 of them.
    expect(pollerHours(pollers, ramp, 3, 60)).toBeCloseTo(52 / 60, 6);
    expect(pollerHours(pollers, ramp, 3, 120)).toBeCloseTo((52 + 102) / 60, 6);
  });

  it('are at least the minimum, even if the account allows fewer invocations', () => {
    const pollers = { minimum: 20, maximum: 50 };
    const ramp = rampOf(provisioned(20, 50, { accountConcurrency: 10 }));
    expect(pollerHours(pollers, ramp, 3, 3600)).toBeCloseTo(20, 6);
  });

  it('cost between the minimum and the maximum, whatever the ramp', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.integer({ min: 0, max: 5000 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.integer({ min: 1, max: 100_000 }),
        (minimum, more, batchSeconds, seconds) => {
          const pollers = { minimum, maximum: minimum + more };
          const ramp = rampOf(provisioned(minimum, pollers.maximum, { batchSeconds }));
          const average = (pollerHours(pollers, ramp, batchSeconds, seconds) * 3600) / seconds;
          expect(average).toBeGreaterThan(minimum - 0.001);
          expect(average).toBeLessThan(pollers.maximum + 0.001);
        },
      ),
    );
  });
});
