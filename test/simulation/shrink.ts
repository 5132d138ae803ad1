import type { Configuration } from './configurations.ts';
import { FAULTS, type Scenario } from './scenario.ts';

/** Removes from a scenario everything that the violation does not need, one thing at a time. */
export async function shrink(
  scenario: Scenario,
  fails: (candidate: Scenario) => Promise<boolean>,
): Promise<Scenario> {
  let smallest = scenario;
  for (let again = true; again;) {
    again = false;
    for (const candidate of smaller(smallest)) {
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      again = true;
      break;
    }
  }
  return smallest;
}

function* smaller({ named = [], ...scenario }: Scenario): Generator<Scenario> {
  if (named.length > 0) yield scenario;
  for (const each of others(scenario)) yield named.length > 0 ? { ...each, named } : each;
}

function* others(scenario: Scenario): Generator<Scenario> {
  const { actions, rates, renditions, concurrency, batchSize, faultBudget, conversionSeconds } = scenario;
  for (const left of actions.keys()) {
    if (actions.length > 1)
      yield { ...scenario, actions: actions.filter((_action, index) => index !== left) };
  }
  for (const [index, action] of actions.entries()) {
    if (action.kind === 'deploy' && action.overlap > 0)
      yield { ...scenario, actions: actions.with(index, { ...action, overlap: 0 }) };
  }
  for (const configurations of simpler(scenario.configurations ?? [])) yield { ...scenario, configurations };
  for (const fault of FAULTS) if (rates[fault] > 0) yield { ...scenario, rates: { ...rates, [fault]: 0 } };
  if (scenario.schedule !== 'uniform') yield { ...scenario, schedule: 'uniform' };
  if (scenario.naming !== 'own') yield { ...scenario, naming: 'own' };
  if (conversionSeconds > 0) yield { ...scenario, conversionSeconds: 0 };
  if (renditions > 1) yield { ...scenario, renditions: 1 };
  if (concurrency > 1) yield { ...scenario, concurrency: concurrency - 1 };
  if (batchSize > 1) {
    yield { ...scenario, batchSize: 1 };
    yield { ...scenario, batchSize: batchSize - 1 };
  }
  if (faultBudget > 0) yield { ...scenario, faultBudget: faultBudget - 1 };
}

/** Configurations with one rule or rendition less, or with one of them removed everywhere. */
function* simpler(all: readonly Configuration[]): Generator<Configuration[]> {
  for (const [index, configuration] of all.entries()) {
    const { rules, images } = configuration;
    if (index > 0) yield all.toSpliced(index, 1);
    if (images.length > 1) yield all.with(index, { ...configuration, images: images.slice(1) });
    for (const [at, rule] of rules.entries()) {
      yield all.with(index, { ...configuration, rules: rules.toSpliced(at, 1) });
      if (rule.renditions.length > 1) {
        const fewer = { ...rule, renditions: rule.renditions.slice(1) };
        yield all.with(index, { ...configuration, rules: rules.with(at, fewer) });
      }
    }
  }
}
