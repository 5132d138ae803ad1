import { expect, it } from 'vitest';
import { groupByCode } from '../../../src/ops/dead-letters/groups.ts';

const DAY_SECONDS = 86_400;

/** A dead letter that was sent on this day of January. */
function letter(code: string, day: number, key?: string) {
  return {
    id: `message-${day}`,
    code,
    message: `why ${day}`,
    attempts: 1,
    sentAt: new Date(Date.UTC(2026, 0, day)),
    objects: key === undefined ? [] : [{ bucket: 'uploads', key }],
  };
}

it('groups of dead letters are sorted by size, and show their oldest: its age, expiry, key and message', async () => {
  const groups = await groupByCode(
    [
      letter('notification.malformed', 9),
      letter('image.corrupt', 5, 'b.jpg'),
      letter('image.corrupt', 3, 'a.jpg'),
      letter('image.corrupt', 4, 'c.jpg'),
      letter('process.died', 7, 'd.jpg'),
      letter('process.died', 7, 'e.jpg'),
    ],
    14 * DAY_SECONDS,
  );
  expect(groups).toEqual([
    {
      code: 'image.corrupt',
      count: 3,
      oldest: '2026-01-03T00:00:00.000Z',
      expires: '2026-01-17T00:00:00.000Z',
      sample: 'a.jpg',
      message: 'why 3',
      retryCanHelp: false,
    },
    {
      code: 'process.died',
      count: 2,
      oldest: '2026-01-07T00:00:00.000Z',
      expires: '2026-01-21T00:00:00.000Z',
      sample: 'd.jpg',
      message: 'why 7',
      retryCanHelp: true,
    },
    {
      code: 'notification.malformed',
      count: 1,
      oldest: '2026-01-09T00:00:00.000Z',
      expires: '2026-01-23T00:00:00.000Z',
      sample: 'message-9',
      message: 'why 9',
      retryCanHelp: false,
    },
  ]);
});
