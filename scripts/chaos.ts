import { Command } from 'commander';
import { chaos } from '../test/chaos/chaos.ts';

/** Kills real processes while real images are uploaded, then checks the results. */

const whole = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`expected a whole number from 1, got "${text}"`);
  return value;
};

const { uploads, seed } = new Command('chaos')
  .description('upload to the real pipeline while its processes are killed, then check the history')
  .option('--uploads <n>', 'number of requests', whole, 2000)
  .option('--seed <n>', 'seed of the faults and the times of the kills', whole, 1)
  .parse()
  .opts<{ uploads: number; seed: number }>();

const begun = performance.now();
const report = await chaos(uploads, seed, (text) => process.stdout.write(`${text}\n`));
for (const each of report.contradictions) process.stdout.write(`CONTRADICTION ${each}\n`);
const seconds = ((performance.now() - begun) / 1000).toFixed(0);
process.stdout.write(
  `${report.results} results checked, ${report.contradictions.length} contradictions, ${seconds} s\n`,
);
process.exitCode = report.contradictions.length > 0 ? 1 : 0;
