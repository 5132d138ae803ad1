import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import { seededRandom, type Random } from './random.ts';

export type HttpHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** Shares of requests, notifications and receives with faults: far more than on AWS. */
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

/** Faults of S3 and SQS that their documentation allows, chosen by seed. They begin with `begin`. */
export interface Faults {
  begin(): void;
  /** Refuses or delays some requests, or loses their response. `refuse` writes the service's throttling response. */
  disturb(handler: HttpHandler, refuse: (res: ServerResponse) => void): HttpHandler;
  /** Returns the delay of each copy of a notification in seconds: at least one copy. */
  notificationDelays(): number[];
  /** Chooses which visible message to receive next, by its index. */
  chooseOnReceive(visible: number): number;
  /** Returns whether a message stays visible although it was received. */
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

/** The operation takes effect, but the connection is closed without a response. */
function loseAnswer(req: IncomingMessage, res: ServerResponse): void {
  res.end = () => {
    req.socket.destroy();
    return res;
  };
}
