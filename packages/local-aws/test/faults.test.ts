import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { startTestServer } from '../../../test/support/http-server.ts';
import { createFaults, type Faults } from '../src/faults.ts';

const ROUNDS = 2000;

interface Delayed {
  readonly milliseconds: readonly number[];
  readonly faults: Faults;
}

/** Faults whose delays pass at once, and the list of them. */
function begun(): Delayed {
  const milliseconds: number[] = [];
  const faults = createFaults(1, {
    now: () => 0,
    ranSince: () => 0,
    after(delay, run) {
      milliseconds.push(delay);
      queueMicrotask(run);
      return () => undefined;
    },
  });
  faults.begin();
  return { milliseconds, faults };
}

function counted<T>(take: () => T): Map<T, number> {
  const counts = new Map<T, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const value = take();
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** Sends requests with bodies to a server with these faults. Returns each outcome, and how many took effect. */
async function outcomesOf(faults: Faults, method: string, requests: number) {
  let effects = 0;
  const handler = faults.disturb(
    async (req, res) => {
      for await (const _ of req);
      effects += 1;
      res.end();
    },
    (res) => void res.writeHead(503).end(),
  );
  const { url, stop } = await startTestServer((req, res) => void handler(req, res));
  onTestFinished(stop);
  const outcomes: string[] = [];
  for (let sent = 0; sent < requests; sent += 1) outcomes.push(await outcomeOf(url, method));
  return { outcomes, effects };
}

async function outcomeOf(url: string, method: string): Promise<string> {
  const sent = request(url, { method });
  sent.end(method === 'PUT' ? Buffer.alloc(100_000) : undefined);
  try {
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode === 200 ? 'done' : 'refused';
  } catch {
    return 'no response';
  }
}

const count = (outcomes: readonly string[], outcome: string) =>
  outcomes.filter((each) => each === outcome).length;

it('a refused request has no effect, and one without a response has its effect', async () => {
  const { outcomes, effects } = await outcomesOf(begun().faults, 'PUT', 500);
  expect(new Set(outcomes)).toEqual(new Set(['done', 'refused', 'no response']));
  expect(count(outcomes, 'done')).toBeGreaterThan(450);
  expect(effects).toBe(500 - count(outcomes, 'refused'));
});

it.each(['GET', 'HEAD'])('%s, which changes nothing, always gets a response', async (method) => {
  const { outcomes } = await outcomesOf(begun().faults, method, 500);
  expect(new Set(outcomes)).toEqual(new Set(['done', 'refused']));
});

it('some requests are delayed by at most 0.3 s', async () => {
  const { milliseconds, faults } = begun();
  await outcomesOf(faults, 'GET', 500);
  expect(milliseconds.length).toBeGreaterThan(10);
  expect(milliseconds.length).toBeLessThan(50);
  expect(Math.max(...milliseconds)).toBeLessThanOrEqual(300);
  expect(Math.max(...milliseconds)).toBeGreaterThan(150);
});

it('a notification arrives once or twice, each copy at once or up to 3 s later', () => {
  const { faults } = begun();
  const copies = counted(() => faults.notificationDelays().length);
  expect(new Set(copies.keys())).toEqual(new Set([1, 2]));
  expect(copies.get(1)).toBeGreaterThan(copies.get(2) ?? 0);
  const delays = counted(() => faults.notificationDelays()[0]);
  expect(new Set(delays.keys())).toEqual(new Set([0, 1, 2, 3]));
  expect(delays.get(0)).toBeGreaterThan(ROUNDS / 2);
});

it('any visible message may be received next, and few stay visible', () => {
  const { faults } = begun();
  expect(new Set(counted(() => faults.chooseOnReceive(3)).keys())).toEqual(new Set([0, 1, 2]));
  const duplicated = counted(() => faults.duplicateOnReceive());
  expect(duplicated.get(true)).toBeGreaterThan(0);
  expect(duplicated.get(false)).toBeGreaterThan(ROUNDS / 2);
});
