import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { summarize, type Skipped } from './left-out.ts';
import './needs.ts';

/** Reports skipped tests at the end of each run. In CI, fails a run that skipped tests that CI must be able to run. */
export default class LeftOutReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    // Tests excluded by a name pattern do not count as skipped.
    const isChosen = this.#vitest?.config.testNamePattern !== undefined;
    const skipped = modules
      .flatMap((module) => [...module.children.allTests('skipped')])
      .map((test): Skipped => ({ test: test.fullName, leftOut: test.meta().leftOut }))
      .filter(({ leftOut }) => !isChosen || leftOut !== undefined);
    const { lines, fails } = summarize(skipped, Boolean(process.env['CI']));
    process.stdout.write(`\n${lines.join('\n')}\n`);
    if (fails) process.exitCode = 1;
  }
}
