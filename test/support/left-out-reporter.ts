import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { summarize, type Skipped } from './left-out.ts';
import './needs.ts';

/** Ends each run with what it left out; in CI a run fails that left out what CI should have. */
export default class LeftOutReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    // What was not asked for by its name is not left out.
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
