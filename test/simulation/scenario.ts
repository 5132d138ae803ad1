import { seededRandom, type Random } from '@millrace/local-aws/models';
import {
  configurationsOf,
  RECIPES,
  type Configuration,
  type RecipeName,
  withDeployments,
} from './configurations.ts';
import { planOperations, type Operation } from './operations/operation.ts';
import { SCHEDULES, type Schedule } from './schedule.ts';

/**
 * What an upload holds. `bad` is rejected by the conversion; `poison` kills the process that converts it; `slow` takes
 * longer than the recipe allows.
 */
export const CONTENTS = ['X', 'Y', 'Z', 'bad', 'poison', 'slow'] as const;
export type Content = (typeof CONTENTS)[number];

/** How notifications name an upload without a version id: not at all, by the text `null`, or by empty texts. */
export const NAMINGS = ['own', 'null', 'empty'] as const;
export type Naming = (typeof NAMINGS)[number];

/** What somebody does to the pipeline from outside. */
export type Action =
  | { kind: 'upload'; key: string; content: Content }
  | { kind: 'delete'; key: string }
  /** Somebody deletes a version for good. */
  | { kind: 'delete version'; key: string; which: 'newest' | 'oldest' }
  /** Somebody removes the delete marker of a key. */
  | { kind: 'undelete'; key: string }
  | { kind: 'versioning'; state: 'enabled' | 'suspended' }
  /** Lifecycle rules strike: the current object of a key expires, or its older versions do. */
  | { kind: 'expire'; key: string; what: 'current' | 'old versions' }
  /** Another recipe is deployed; Lambda invokes the version before it for so many invocations more, at most. */
  | { kind: 'deploy'; recipe: RecipeName; overlap: number }
  /** Somebody deletes the results of a key, and asks for them again by a backfill. */
  | { kind: 'delete results'; key: string }
  /** A message that is no notification. */
  | { kind: 'junk' }
  /** An operator moves all dead letters to the retry queue. */
  | { kind: 'redrive' }
  /** An operator queues what has neither result nor reason, or a result of an older recipe. */
  | { kind: 'backfill' }
  | { kind: 'operation'; operation: Operation };

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
  'bodyFails',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Everything that a seed decides, but for the order of the steps. */
export interface Scenario {
  seed: number;
  schedule: Schedule;
  /** Whether the upload bucket begins with versioning. */
  versioned: boolean;
  /** Whether results have a stamp in their bytes. */
  stamped: boolean;
  /** Whether results go with their uploads, and S3 tells of deletions. */
  deleting: boolean;
  /** Whether the worker has no idempotency table. */
  withoutTable?: true;
  naming: Naming;
  /** A conversion takes between half as many seconds and so many. */
  conversionSeconds: number;
  renditions: number;
  /** What is deployed, where that is more than another quality of the images; `A` comes first. */
  configurations?: Configuration[];
  /** Recipes under which names of results end with an extension. */
  named?: RecipeName[];
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
/** The name that a result of `a.jpg` has where names end with an extension. */
const LIKE_A_NAME = 'a.jpg.webp';
/** Of many uploads at once. */
const MANY_KEYS = Array.from({ length: 12 }, (_, index) => `${index}.jpg`);
/** Short ones, and such that ten of them fill an invocation, or nearly reach the recipe's limit. */
const CONVERSION_SECONDS = [2, 14, 29];
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
  bodyFails: 0.1,
};

/** What a scenario is about, beside uploads. */
interface Theme {
  /** Uploads that cannot be converted. */
  nasty: boolean;
  /** Versions come and go. */
  versions: boolean;
  /** Recipes change. */
  recipes: boolean;
}

export function scenarioOf(seed: number): Scenario {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const keys = KEYS.slice(0, 1 + below(KEYS.length));
  const versioned = random() < 0.85;
  const theme = {
    nasty: random() < 0.4,
    versions: versioned && random() < 0.3,
    recipes: random() < 0.25,
  };
  const actions = Array.from({ length: 1 + below(8) }, () => actionOf(random, keys, theme));
  // As many as fill a batch, for conversions that fill an invocation.
  const isMany = random() < 0.06;
  if (isMany) actions.unshift(...MANY_KEYS.map((key): Action => ({ kind: 'upload', key, content: 'X' })));
  const plan = planOperations(seed, keys);
  actions.unshift(...(plan?.uploads ?? []).map((upload): Action => ({ kind: 'upload', ...upload })));
  for (const { at, operation } of plan?.operations ?? [])
    actions.splice(Math.ceil(at * actions.length), 0, { kind: 'operation', operation });
  const stamped = isStamped(seed);
  if (!stamped) repeatContents(seed, actions);
  const deleting = isDeleting(seed);
  if (deleting) comeAndGo(seed, actions);
  const configurations = isChanging(seed) ? configurationsOf(seed) : undefined;
  const named = namedOf(seed, configurations !== undefined);
  const calm = random() < 0.1;
  const rates = Object.fromEntries(
    // Most runs have a few kinds of faults only: what every run has hides what needs quiet to happen.
    FAULTS.map((fault) => [fault, calm || random() < 0.5 ? 0 : random() * HIGHEST_RATE[fault]]),
  ) as Record<Fault, number>;
  return {
    seed,
    versioned,
    stamped,
    deleting,
    ...(isWithoutTable(seed) ? { withoutTable: true } : {}),
    naming: random() < 0.7 ? 'own' : (NAMINGS[below(NAMINGS.length)] ?? 'own'),
    renditions: random() < 0.8 ? 1 : 2,
    ...(configurations === undefined ? {} : { configurations }),
    ...(named.length === 0 ? {} : { named }),
    concurrency: 1 + below(3),
    batchSize: isMany ? 10 : 1 + below(10),
    conversionSeconds:
      random() < (isMany ? 0.2 : 0.6) ? 0 : (CONVERSION_SECONDS[below(CONVERSION_SECONDS.length)] ?? 0),
    actions:
      configurations === undefined
        ? actions
        : withDeployments(seed, actions, named.length === 0 ? keys : [...keys, LIKE_A_NAME]),
    rates,
    faultBudget: random() < 0.7 ? below(5) : below(40),
    haste: HASTES[below(HASTES.length)] ?? 1,
    schedule: SCHEDULES[below(SCHEDULES.length)] ?? 'uniform',
  };
}

/** Four of five, by a choice of its own, which leaves all others of the seed as they are. */
function isStamped(seed: number): boolean {
  return seededRandom(seed ^ 0x2f6e2b1)() > 0.2;
}

/** One of five, by a choice of its own. */
function isDeleting(seed: number): boolean {
  return seededRandom(seed ^ 0x6a09e66)() < 0.2;
}

/** One of ten, by a choice of its own. */
function isWithoutTable(seed: number): boolean {
  return seededRandom(seed ^ 0x1b05688)() < 0.1;
}

/** One of five, by a choice of its own. */
function isChanging(seed: number): boolean {
  return seededRandom(seed ^ 0x6d2b79f)() < 0.2;
}

/** In a quarter, by a choice of its own, names end with an extension: always or, where recipes may move results, at times. */
function namedOf(seed: number, mayChange: boolean): RecipeName[] {
  const random = seededRandom(seed ^ 0x510e527);
  if (random() >= 0.25) return [];
  const isAlways = !mayChange || random() < 0.4;
  return RECIPES.filter(() => isAlways || random() < 0.5);
}

/** Where results go with their uploads, one key comes and goes, among the other actions. */
function comeAndGo(seed: number, actions: Action[]): void {
  const random = seededRandom(seed ^ 0x3c6ef37);
  const key = 'a.jpg';
  let at = 0;
  for (let left = 2 + Math.floor(random() * 4); left > 0; left -= 1) {
    const draw = random();
    const gone: Action =
      draw < 0.8 ? { kind: 'delete', key } : { kind: 'delete version', key, which: 'newest' };
    const back: Action = random() < 0.4 ? { kind: 'undelete', key } : { kind: 'upload', key, content: 'X' };
    for (const action of left === 1 ? [gone] : [gone, back]) {
      at += Math.floor(random() * (1 + actions.length - at) * 0.6);
      actions.splice(at, 0, action);
      at += 1;
    }
  }
  actions.unshift({ kind: 'upload', key, content: 'X' });
}

/** Without a stamp, what comes again is what matters: X, Y and X of one key, and more of them, among the other actions. */
function repeatContents(seed: number, actions: Action[]): void {
  const random = seededRandom(seed ^ 0x51ed27);
  const contents: Content[] = random() < 0.5 ? ['X', 'Y', 'X'] : ['X', 'Y', 'X', 'Y', 'X'];
  let at = 0;
  for (const content of contents) {
    at += Math.floor(random() * (1 + actions.length - at) * 0.5);
    actions.splice(at, 0, { kind: 'upload', key: 'a.jpg', content });
    at += 1;
  }
}

function actionOf(random: Random, keys: readonly string[], theme: Theme): Action {
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T;
  const key = pick(keys);
  if (theme.versions && random() < 0.35) return versionActionOf(random, key);
  if (theme.recipes && random() < 0.3) {
    if (random() < 0.3) return { kind: 'backfill' };
    return { kind: 'deploy', recipe: pick(['A', 'B']), overlap: pick([0, 0, 2, 5]) };
  }
  const draw = random();
  if (draw < 0.08) return { kind: 'delete', key };
  if (draw < 0.11) return { kind: 'junk' };
  if (draw > 0.92) return { kind: 'delete results', key };
  if (draw > 0.9) return { kind: 'backfill' };
  if (draw < (theme.nasty ? 0.21 : 0.14)) return { kind: 'redrive' };
  return { kind: 'upload', key, content: pick(theme.nasty ? CONTENTS : ['X', 'Y']) };
}

function versionActionOf(random: Random, key: string): Action {
  const draw = random();
  if (draw < 0.3) return { kind: 'delete version', key, which: draw < 0.2 ? 'newest' : 'oldest' };
  if (draw < 0.45) return { kind: 'delete', key };
  if (draw < 0.65) return { kind: 'undelete', key };
  if (draw < 0.85) return { kind: 'versioning', state: draw < 0.78 ? 'suspended' : 'enabled' };
  return { kind: 'expire', key, what: draw < 0.92 ? 'current' : 'old versions' };
}
