import { seededRandom, type Random } from '@millrace/local-aws/models';

/** Names of deployments: two recipes, or four configurations. */
export const RECIPES = ['A', 'B', 'C', 'D'] as const;
export type RecipeName = (typeof RECIPES)[number];

const named = (begin: string) => (key: string) => key.split('/').at(-1)?.startsWith(begin) === true;

/** Key patterns and an independent implementation of each. */
export const PATTERNS = {
  '*.jpg': (key: string) => key.endsWith('.jpg'),
  'a*': named('a'),
  'b*': named('b'),
  '&*': named('&'),
  'web/**': (key: string) => key.startsWith('web/'),
} as const satisfies Record<string, (key: string) => boolean>;

export type Pattern = keyof typeof PATTERNS;
const ALL_PATTERNS = Object.keys(PATTERNS) as Pattern[];

/** Conversions besides the image conversion: one adds the stamp to its results, the other has the images' extension. */
export const OWN_CONVERSIONS = {
  text: { stamped: true, extension: 'txt' },
  plain: { stamped: false, extension: 'webp' },
} as const;
type OwnConversion = keyof typeof OWN_CONVERSIONS;

/** The names are few, so that configurations share them. */
export const RENDITIONS = ['web', 'small', 'large'] as const;

export interface SimulatedRule {
  conversion: OwnConversion;
  /** Only the last rule can omit it. */
  keys?: Pattern;
  renditions: readonly string[];
  /** An option. */
  variant: number;
}

/** A deployment. Without rules, it is a recipe. */
export interface Configuration {
  name: RecipeName;
  images: readonly string[];
  quality: number;
  rules: readonly SimulatedRule[];
  /** Version of the code of the rules' conversions. */
  version: number;
}

/** The key of a result of `a.jpg` in a configuration with several renditions. */
const LIKE_A_RESULT = 'web/a.jpg';

/** Returns configurations that differ in a rule or two. The first one is deployed first. */
export function configurationsOf(seed: number): Configuration[] {
  const random = seededRandom(seed ^ 0x1f83d9a);
  const conversions: OwnConversion[] = random() < 0.5 ? ['text'] : ['text', 'plain'];
  let last: Configuration = { name: 'A', images: someRenditions(random), quality: 72, rules: [], version: 1 };
  for (let rules = Math.floor(random() * 3); rules > 0; rules -= 1)
    last = withRule(last, random, conversions);
  return RECIPES.map((name, index) => {
    for (let changes = index === 0 ? 0 : 1 + Math.floor(random() * 2); changes > 0; changes -= 1)
      last = changed(last, random, conversions);
    last = { ...last, name };
    return last;
  });
}

type Change =
  | { kind: 'upload'; key: string; content: 'X' | 'Y' }
  | { kind: 'deploy'; recipe: RecipeName; overlap: number }
  | { kind: 'backfill' };

/** Adds deployments to actions, with uploads around each. */
export function withDeployments<Action>(
  seed: number,
  given: readonly Action[],
  keys: readonly string[],
): (Action | Change)[] {
  const actions: (Action | Change)[] = [...given];
  const random = seededRandom(seed ^ 0x5be0cd1);
  const all = random() < 0.4 ? [...keys, LIKE_A_RESULT] : keys;
  const upload = (): Change => ({
    kind: 'upload',
    key: pick(random, all),
    content: pick(random, ['X', 'Y']),
  });
  let at = 0;
  for (let left = 2 + Math.floor(random() * 3); left > 0; left -= 1) {
    const deploy: Change = {
      kind: 'deploy',
      recipe: pick(random, RECIPES),
      overlap: pick(random, [0, 2, 5, 8]),
    };
    const after: Change = random() < 0.3 ? { kind: 'backfill' } : upload();
    for (const action of [upload(), deploy, after]) {
      at += Math.floor(random() * (1 + actions.length - at) * 0.4);
      actions.splice(at, 0, action);
      at += 1;
    }
  }
  return actions;
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

/** Usually one, at most three. */
function someRenditions(random: Random): string[] {
  const first = Math.floor(random() * RENDITIONS.length);
  return [...RENDITIONS, ...RENDITIONS].slice(first, first + pick(random, [1, 1, 1, 2, 3]));
}

function withRule(
  configuration: Configuration,
  random: Random,
  conversions: readonly OwnConversion[],
): Configuration {
  const rule: SimulatedRule = {
    conversion: pick(random, conversions),
    ...(random() < 0.8 ? { keys: pick(random, ALL_PATTERNS) } : {}),
    renditions: someRenditions(random),
    variant: 1,
  };
  const at = Math.floor(random() * (1 + configuration.rules.length));
  return { ...configuration, rules: valid(configuration.rules.toSpliced(at, 0, rule)) };
}

function changed(
  configuration: Configuration,
  random: Random,
  conversions: readonly OwnConversion[],
): Configuration {
  const { rules, quality, version } = configuration;
  const at = Math.floor(random() * rules.length);
  const withChange = (change: Partial<SimulatedRule>) => ({
    ...configuration,
    rules: valid(rules.map((rule, index) => (index === at ? { ...rule, ...change } : rule))),
  });
  const change = pick(random, ['add', 'images', 'quality', 'remove', 'order', 'rule', 'rule', 'rule']);
  if (change === 'images') return { ...configuration, images: someRenditions(random) };
  if (change === 'quality') return { ...configuration, quality: quality - 1 };
  if (change === 'add' || rules.length === 0) return withRule(configuration, random, conversions);
  if (change === 'remove') return { ...configuration, rules: rules.toSpliced(at, 1) };
  if (change === 'order') return { ...configuration, rules: valid(rules.toReversed()) };
  switch (pick(random, ['keys', 'renditions', 'variant', 'version', 'conversion'])) {
    case 'keys':
      return withChange({ keys: pick(random, ALL_PATTERNS) });
    case 'renditions':
      return withChange({ renditions: someRenditions(random) });
    case 'variant':
      return withChange({ variant: (rules[at]?.variant ?? 0) + 1 });
    case 'conversion':
      return withChange({ conversion: pick(random, conversions) });
    default:
      return { ...configuration, version: version + 1 };
  }
}

/** The last rule matches all keys. */
function valid(rules: readonly SimulatedRule[]): SimulatedRule[] {
  return rules.map((rule, index) =>
    rule.keys === undefined && index < rules.length - 1 ? { ...rule, keys: '*.jpg' } : rule,
  );
}
