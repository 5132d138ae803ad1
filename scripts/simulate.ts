import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { runInParallel, runScenario } from '../test/simulation/run-parallel.ts';
import type { Tally, Violation } from '../test/simulation/run-seed.ts';
import { scenarioSchema } from '../test/simulation/scenario-schema.ts';

const whole = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`expected a whole number from 1, got "${text}"`);
  return value;
};

const { seeds, from, scenario, trace, first } = new Command('simulate')
  .description('run the production worker under simulated faults, one run per seed')
  .option('--seeds <n>', 'number of seeds', whole, 10_000)
  .option('--from <seed>', 'first seed', whole, 1)
  .option('--scenario <file>', 'run one scenario instead: the JSON that a violation was shrunk to')
  .option('--trace', 'print every step of a violation')
  .option('--first', 'stop at the first violation, and do not shrink it')
  .parse()
  .opts<{ seeds: number; from: number; scenario?: string; trace?: true; first?: true }>();

const begun = performance.now();
const LINE_SECONDS = 10;
let lineAt = LINE_SECONDS;
let told = 0;
const tally =
  scenario === undefined
    ? await runInParallel(from, seeds, {
        onProgress,
        ...(first ? { mostViolations: 1, shrinks: false } : {}),
      })
    : await runScenario(scenarioSchema.parse(JSON.parse(await readFile(scenario, 'utf8'))));
tellOf(tally);

function tellOf({ violations }: Tally): void {
  for (; told < violations.length; told += 1) tell(violations[told]);
}

function onProgress(total: Tally): void {
  tellOf(total);
  const seconds = (performance.now() - begun) / 1000;
  if (seconds < lineAt) return;
  lineAt = seconds + LINE_SECONDS;
  process.stderr.write(
    `${total.seeds} of ${seeds} seeds, ${(total.seeds / seconds).toFixed(0)} seeds per second\n`,
  );
}

const seconds = (performance.now() - begun) / 1000;
process.stdout.write(
  `${tally.seeds} seeds, ${tally.steps} steps, ${tally.faults} faults, ${tally.violations.length} violations, ` +
    `${tally.redriven.sentByWorker} + ${tally.redriven.movedBySqs} dead letters from the worker and from SQS redriven midway, ` +
    `in ${seconds.toFixed(1)} s: ${(tally.seeds / seconds).toFixed(0)} seeds per second\n`,
);
for (const [situation, times] of Object.entries(tally.coverage))
  process.stdout.write(`  ${times} × ${situation}\n`);
process.exitCode = tally.violations.length > 0 ? 1 : 0;

function tell(found: Violation | undefined): void {
  if (found === undefined) return;
  const { seed, violation, shrunk } = found;
  process.stdout.write(`seed ${seed}: ${violation}\n`);
  if (shrunk === undefined) return;
  process.stdout.write(`  shrunk to ${JSON.stringify(shrunk.scenario)}\n`);
  if (trace) process.stdout.write(shrunk.trace.map((line) => `    ${line}\n`).join(''));
  process.stdout.write(
    `  replay: npm run simulate -- --from ${seed} --seeds 1 --trace, or the JSON above in a file: -- --scenario FILE --trace\n`,
  );
}
