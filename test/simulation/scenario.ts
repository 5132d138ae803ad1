import { seededRandom, type Random } from '../../src/local/random.ts';
import { SCHEDULES, type Schedule } from './schedule.ts';

/** What an upload holds. `bad` is rejected by the conversion; `poison` kills the process that converts it. */
export const CONTENTS = ['X', 'Y', 'Z', 'bad', 'poison'] as const;
export type Content = (typeof CONTENTS)[number];

/** What somebody does to the pipeline from outside. */
export type Action =
  | { kind: 'upload'; key: string; content: Content }
  | { kind: 'delete'; key: string }
  /** Somebody deletes the results of a key, and asks for them again by a backfill. */
  | { kind: 'delete results'; key: string }
  /** A message that is no notification. */
  | { kind: 'junk' }
  /** An operator moves all dead letters to the retry queue. */
  | { kind: 'redrive' }
  /** An operator queues what has neither result nor reason, or a result of an older recipe. */
  | { kind: 'backfill' };

/** What goes wrong, by its probability each time it could. */
export const FAULTS = [
  'notificationTwice',
  'notificationLate',
  'receivedTwice',
  'crash',
  'slow',
  'refused',
  'answerLost',
  'conflict',
  'batchPartlyFailed',
  'notAcknowledged',
  'staleLock',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Everything that a seed decides, but for the order of the steps. */
export interface Scenario {
  seed: number;
  schedule: Schedule;
  versioned: boolean;
  renditions: number;
  /** Invocations at the same time. */
  concurrency: number;
  batchSize: number;
  actions: Action[];
  /** The chance at each step that the next action happens: hastily they meet, slowly each finds what became of others. */
  haste: number;
  rates: Record<Fault, number>;
  /** How many faults there may be; none after that, so that every run comes to rest. */
  faultBudget: number;
}

const HASTES = [0.1, 0.03, 0.01];
/** They need each kind of encoding on their way through the envelopes. */
export const KEYS = ['a.jpg', 'b c+d.jpg', 'é%41/&.jpg'];
/** At most so often does each kind of fault happen where it could. */
const HIGHEST_RATE: Record<Fault, number> = {
  notificationTwice: 0.3,
  notificationLate: 0.3,
  receivedTwice: 0.15,
  crash: 0.02,
  slow: 0.02,
  refused: 0.1,
  answerLost: 0.1,
  conflict: 0.2,
  batchPartlyFailed: 0.3,
  notAcknowledged: 0.2,
  staleLock: 0.2,
};

export function scenarioOf(seed: number): Scenario {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const keys = KEYS.slice(0, 1 + below(KEYS.length));
  const nasty = random() < 0.4;
  const actions = Array.from({ length: 1 + below(8) }, () => actionOf(random, keys, nasty));
  const calm = random() < 0.1;
  const rates = Object.fromEntries(
    // Most runs have a few kinds of faults only: what every run has hides what needs quiet to happen.
    FAULTS.map((fault) => [fault, calm || random() < 0.5 ? 0 : random() * HIGHEST_RATE[fault]]),
  ) as Record<Fault, number>;
  return {
    seed,
    versioned: random() < 0.85,
    renditions: random() < 0.8 ? 1 : 2,
    concurrency: 1 + below(3),
    batchSize: 1 + below(10),
    actions,
    rates,
    faultBudget: random() < 0.7 ? below(5) : below(40),
    haste: HASTES[below(HASTES.length)] ?? 1,
    schedule: SCHEDULES[below(SCHEDULES.length)] ?? 'uniform',
  };
}

function actionOf(random: Random, keys: readonly string[], nasty: boolean): Action {
  const key = keys[Math.floor(random() * keys.length)] ?? '';
  const draw = random();
  if (draw < 0.08) return { kind: 'delete', key };
  if (draw < 0.11) return { kind: 'junk' };
  if (draw > 0.92) return { kind: 'delete results', key };
  if (draw < (nasty ? 0.21 : 0.14)) return { kind: 'redrive' };
  const contents: Content[] = nasty ? ['X', 'Y', 'Z', 'bad', 'poison'] : ['X', 'Y'];
  return { kind: 'upload', key, content: contents[Math.floor(random() * contents.length)] ?? 'X' };
}
