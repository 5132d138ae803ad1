import { beforeEach, describe, expect, it, vi } from 'vitest';
import { withRetries, type RetryOptions } from '../../src/client/with-retries.ts';
import { instantWaits } from '../support/instant-waits.ts';

const waits = instantWaits();
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});

const noResponse = new Error('no response');

/** Sends a request that gets these responses in order, then the last one again and again. */
function asking(answers: readonly (number | Error)[], options: RetryOptions = {}) {
  let requests = 0;
  const request = async () => {
    const answer = answers[Math.min(requests, answers.length - 1)] ?? 0;
    requests += 1;
    if (answer instanceof Error) throw answer;
    return { status: answer };
  };
  return {
    request,
    result: (isTransient?: (answer: { status: number }) => boolean) =>
      withRetries(request, options, isTransient),
    count: () => requests,
  };
}

describe('a request', () => {
  it.each([500, 503, 429, noResponse])('is sent again after %s', async (failure) => {
    const asked = asking([failure, failure, 200]);
    expect(await asked.result()).toEqual({ status: 200 });
    expect(asked.count()).toBe(3);
  });

  it.each([200, 204, 400, 404, 428, 430, 499])('is not sent again after %i', async (status) => {
    const asked = asking([status]);
    expect(await asked.result()).toEqual({ status });
    expect(asked.count()).toBe(1);
    expect(waits).toEqual([]);
  });

  it('is sent again after a response that its sender considers transient', async () => {
    const asked = asking([400, 200]);
    expect(await asked.result(({ status }) => status === 400)).toEqual({ status: 200 });
  });

  it.each([503, noResponse])(
    'is sent six times at most, with longer and longer waits, after %s',
    async (failure) => {
      const asked = asking([failure]);
      if (failure instanceof Error) await expect(asked.result()).rejects.toBe(failure);
      else expect(await asked.result()).toEqual({ status: failure });
      expect(asked.count()).toBe(6);
      expect(waits).toEqual([200, 400, 800, 1600, 3200]);
    },
  );

  it('waits between half and one and a half times as long, so that others are not retried at the same time', async () => {
    for (const random of [0, 1]) {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      await asking([503, 200]).result();
    }
    expect(waits).toEqual([100, 300]);
  });

  it.each([503, noResponse])('is sent as often as its sender allows, after %s', async (failure) => {
    const asked = asking([failure], { attempts: 2 });
    await asked.result().catch(() => undefined);
    expect(asked.count()).toBe(2);
  });

  it.each([503, noResponse])(
    'is not sent again once it is stopped, and does not wait, after %s',
    async (failure) => {
      const asked = asking([failure], { stop: AbortSignal.abort() });
      const result = asked.result();
      if (failure instanceof Error) await expect(result).rejects.toBe(failure);
      else expect(await result).toEqual({ status: failure });
      expect(asked.count()).toBe(1);
    },
  );

  it.each([503, noResponse])(
    'that is stopped while it waits is not sent again, after %s',
    async (failure) => {
      const stop = new AbortController();
      const asked = asking([failure], { stop: stop.signal });
      const result = asked.result();
      setImmediate(() => stop.abort());
      if (failure instanceof Error) await expect(result).rejects.toBe(failure);
      else expect(await result).toEqual({ status: failure });
      expect(asked.count()).toBe(1);
    },
  );
});
