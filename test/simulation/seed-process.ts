import { runSeeds, type Tally } from './run-seed.ts';

/** What the process is asked for, and what it answers. */
export interface SeedRange {
  from: number;
  count: number;
}
export type SeedAnswer = Tally;

process.on('message', ({ from, count }: SeedRange) => {
  runSeeds(from, count).then(
    (tally) => process.send?.(tally satisfies SeedAnswer),
    (error: unknown) => {
      process.stderr.write(`seeds ${from} to ${from + count - 1}: ${String(error)}\n`);
      process.exit(1);
    },
  );
});
