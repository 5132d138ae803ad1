import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import { seededRandom, type Random } from './random.ts';

export type HttpHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** Shares of requests, notifications and receives that are disturbed: far more than AWS would. */
const RATES = {
  refused: 0.02,
  answerLost: 0.01,
  delayed: 0.05,
  notificationDuplicated: 0.1,
  notificationDelayed: 0.2,
  receivedTwice: 0.02,
} as const;
const LONGEST_REQUEST_DELAY_MILLISECONDS = 300;
const LONGEST_NOTIFICATION_DELAY_SECONDS = 3;

/** What can go wrong with S3 and SQS while each keeps its word, chosen by seed. It does nothing until `begin`. */
export interface Faults {
  begin(): void;
  /** Refuses, delays, or loses the answer of some requests. `refuse` writes the service's own "slow down". */
  disturb(handler: HttpHandler, refuse: (res: ServerResponse) => void): HttpHandler;
  /** Seconds by which each copy of a notification is delayed: one entry a copy, at least one. */
  notificationDelays(): number[];
  /** Chooses which visible message to receive next, by its index. */
  chooseOnReceive(visible: number): number;
  /** Whether a message stays visible although it was received. */
  duplicateOnReceive(): boolean;
}

export function createFaults(seed: number, clock: Clock): Faults {
  const random: Random = seededRandom(seed);
  let active = false;
  const happens = (rate: number) => active && random() < rate;

  return {
    begin: () => void (active = true),

    disturb: (handler, refuse) => async (req, res) => {
      if (happens(RATES.refused)) {
        req.resume();
        return refuse(res);
      }
      if (happens(RATES.delayed)) {
        const milliseconds = random() * LONGEST_REQUEST_DELAY_MILLISECONDS;
        await new Promise<void>((resolve) => clock.after(milliseconds, resolve));
      }
      const changes = req.method !== 'GET' && req.method !== 'HEAD';
      if (changes && happens(RATES.answerLost)) loseAnswer(req, res);
      return handler(req, res);
    },

    notificationDelays() {
      const copies = happens(RATES.notificationDuplicated) ? 2 : 1;
      return Array.from({ length: copies }, () =>
        happens(RATES.notificationDelayed) ? Math.ceil(random() * LONGEST_NOTIFICATION_DELAY_SECONDS) : 0,
      );
    },
    chooseOnReceive: (visible) => (active ? Math.floor(random() * visible) : 0),
    duplicateOnReceive: () => happens(RATES.receivedTwice),
  };
}

/** The operation takes effect, and the connection breaks instead of the answer. */
function loseAnswer(req: IncomingMessage, res: ServerResponse): void {
  res.end = () => {
    req.socket.destroy();
    return res;
  };
}
