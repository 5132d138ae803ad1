import type { LeftOut } from './needs.ts';

/** A test that did not run, and the reason, if any. */
export interface Skipped {
  test: string;
  leftOut?: LeftOut | undefined;
}

/** Software that CI may lack, and why. CI must have everything else: `.ci/run` installs it. */
const CI_MAY_LACK: Readonly<Record<string, string>> = {
  arm64: 'QEMU takes minutes for each invocation; CI runs the same bundle on its own architecture',
  'linux on x64': 'CI on another architecture runs the bundle of that one',
};

/** Summarizes a run's skipped tests, one line per reason. `fails` says whether the run fails in CI because of them. */
export function summarize(skipped: readonly Skipped[], ci: boolean): { lines: string[]; fails: boolean } {
  const needs = new Map<string, { count: number; get: string }>();
  for (const { leftOut } of skipped) {
    if (leftOut === undefined) continue;
    const count = (needs.get(leftOut.needs)?.count ?? 0) + 1;
    needs.set(leftOut.needs, { count, get: leftOut.get });
  }
  const silent = skipped.filter(({ leftOut }) => leftOut === undefined);
  const wanted = [...needs.keys()].filter((need) => !(need in CI_MAY_LACK));
  const lines = [
    ...[...needs].map(
      ([need, { count, get }]) =>
        `${tests(count)} left out: ${need} is not here; to get it: ${get}${ci && need in CI_MAY_LACK ? ` (CI may lack it: ${CI_MAY_LACK[need]})` : ''}`,
    ),
    ...silent.map(({ test }) => `left out without a reason: ${test}`),
    skipped.length === 0 ? 'Nothing was left out.' : `${tests(skipped.length)} left out in all.`,
  ];
  const fails = ci && (silent.length > 0 || wanted.length > 0);
  if (fails)
    lines.push(
      `CI must leave out nothing of this: ${[...wanted, ...silent.map(({ test }) => test)].join(', ')}`,
    );
  return { lines, fails };
}

const tests = (count: number) => `${count} ${count === 1 ? 'test was' : 'tests were'}`;
