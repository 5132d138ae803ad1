import { seededRandom, type Random } from '@millrace/local-aws/models';
import {
  configurationsOf,
  RECIPES,
  type Configuration,
  type RecipeName,
  withDeployments,
} from './configurations.ts';
import { planOperations, type Operation } from './operations/operation.ts';
import { addRemovals } from './orphans/plan.ts';
import { SCHEDULES, type Schedule } from './schedule.ts';
import { planViews, type View } from './views/view.ts';

/**
 * An upload's contents. `bad` is rejected by the conversion; `poison` kills the process that converts it; `slow` takes
 * longer than the recipe allows.
 */
export const CONTENTS = ['X', 'Y', 'Z', 'bad', 'poison', 'slow'] as const;
export type Content = (typeof CONTENTS)[number];

/** How notifications identify an upload without a version id: not at all, with the text `null`, or with empty texts. */
export const NAMINGS = ['own', 'null', 'empty'] as const;
export type Naming = (typeof NAMINGS)[number];

/** An external action on the pipeline. */
export type Action =
  | { kind: 'upload'; key: string; content: Content }
  | { kind: 'delete'; key: string }
  /** Permanently deletes a version. */
  | { kind: 'delete version'; key: string; which: 'newest' | 'oldest' }
  /** Removes a key's delete marker. */
  | { kind: 'undelete'; key: string }
  | { kind: 'versioning'; state: 'enabled' | 'suspended' }
  /** Lifecycle rules apply: a key's current object expires, or its noncurrent versions. */
  | { kind: 'expire'; key: string; what: 'current' | 'old versions' }
  /** Deploys another recipe. Lambda invokes the previous version at most this many more times. */
  | { kind: 'deploy'; recipe: RecipeName; overlap: number }
  /** Deletes a key's results, and requests them again with a backfill. */
  | { kind: 'delete results'; key: string }
  /** A message that is not a notification. */
  | { kind: 'junk' }
  /** Moves all dead letters to the retry queue. */
  | { kind: 'redrive' }
  /** Queues uploads with neither a result nor a reason, or with an older recipe's result. */
  | { kind: 'backfill' }
  | { kind: 'operation'; operation: Operation }
  /** Deletes results and failure reports of deleted uploads. */
  | { kind: 'remove orphans' }
  /** Somebody asks the API for the state of uploads. */
  | { kind: 'view'; view: View };

/** The probability of each fault at each opportunity. */
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

/** Everything that a seed determines, except for the order of steps. */
export interface Scenario {
  seed: number;
  schedule: Schedule;
  /** Whether the upload bucket starts with versioning. */
  versioned: boolean;
  /** Whether results have a stamp in their bytes. */
  stamped: boolean;
  /** Whether results are deleted with their uploads, and S3 notifies of deletions. */
  deleting: boolean;
  /** Whether the worker has no idempotency table. */
  withoutTable?: true;
  naming: Naming;
  /** A conversion's maximum duration in seconds. The minimum is half of it. */
  conversionSeconds: number;
  renditions: number;
  /** The deployed configurations, if they differ in more than image quality. `A` is first. */
  configurations?: Configuration[];
  /** Recipes with extensions in result names. */
  named?: RecipeName[];
  /** Whether the local AWS's event sources invoke the function, and not the simulation's. */
  localEventSources?: true;
  /** Whether a body that fails first stalls, until its reader gives up. */
  bodiesStall?: true;
  /** Concurrent invocations. */
  concurrency: number;
  batchSize: number;
  actions: Action[];
  /** The probability of the next action at each step. If high, actions overlap; if low, each meets earlier outcomes. */
  haste: number;
  rates: Record<Fault, number>;
  /** The maximum number of faults, so that every run comes to rest. */
  faultBudget: number;
}

const HASTES = [0.1, 0.03, 0.01];
/** Keys that need each kind of encoding in the envelopes. */
export const KEYS = ['a.jpg', 'b c+d.jpg', 'é%41/&.jpg'];
/** The name of a result of `a.jpg` with an extension. */
const LIKE_A_NAME = 'a.jpg.webp';
/** For many simultaneous uploads. */
const MANY_KEYS = Array.from({ length: 12 }, (_, index) => `${index}.jpg`);
/** Short ones, and ones of which ten fill an invocation or that almost reach the recipe's limit. */
const CONVERSION_SECONDS = [2, 14, 29];
/** The maximum rate of each kind of fault. */
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

/** A scenario's topics besides uploads. */
interface Theme {
  /** Uploads that cannot be converted. */
  nasty: boolean;
  /** Versions are deleted and restored. */
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
  // Enough to fill a batch, for conversions that fill an invocation.
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
  addRemovals(seed, actions);
  for (const { at, view } of planViews(seed, keys))
    actions.splice(Math.round(at * actions.length), 0, { kind: 'view', view });
  const calm = random() < 0.1;
  const rates = Object.fromEntries(
    // Most runs have few kinds of faults, because a fault in every run hides problems that need quiet.
    FAULTS.map((fault) => [fault, calm || random() < 0.5 ? 0 : random() * HIGHEST_RATE[fault]]),
  ) as Record<Fault, number>;
  return {
    seed,
    versioned,
    stamped,
    deleting,
    ...(isWithoutTable(seed) ? { withoutTable: true } : {}),
    ...(hasLocalEventSources(seed) ? { localEventSources: true } : {}),
    ...(hasStallingBodies(seed) ? { bodiesStall: true } : {}),
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

/** Four in five, drawn separately, so that the seed's other choices do not change. */
function isStamped(seed: number): boolean {
  return seededRandom(seed ^ 0x2f6e2b1)() > 0.2;
}

/** One in five, drawn separately. */
function isDeleting(seed: number): boolean {
  return seededRandom(seed ^ 0x6a09e66)() < 0.2;
}

/** One in ten, drawn separately. */
function isWithoutTable(seed: number): boolean {
  return seededRandom(seed ^ 0x1b05688)() < 0.1;
}

/** One in five, drawn separately. */
function hasLocalEventSources(seed: number): boolean {
  return seededRandom(seed ^ 0x7a3c19d)() < 0.2;
}

/** One in ten, drawn separately. */
function hasStallingBodies(seed: number): boolean {
  return seededRandom(seed ^ 0x5be0cd1)() < 0.1;
}

/** One in five, drawn separately. */
function isChanging(seed: number): boolean {
  return seededRandom(seed ^ 0x6d2b79f)() < 0.2;
}

/** In one in four, drawn separately, names have extensions: always or, if recipes may move results, sometimes. */
function namedOf(seed: number, mayChange: boolean): RecipeName[] {
  const random = seededRandom(seed ^ 0x510e527);
  if (random() >= 0.25) return [];
  const isAlways = !mayChange || random() < 0.4;
  return RECIPES.filter(() => isAlways || random() < 0.5);
}

/** If results are deleted with their uploads, adds uploads and deletions of one key to the actions. */
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

/** Without a stamp, repeated contents matter: adds X, Y and X of one key, and more of them, to the actions. */
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
