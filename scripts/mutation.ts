import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Argument, Command } from 'commander';
import { SLICES } from './mutation/slices.js';
import { scoresByFolder, survivorsOf, tableOf, type Report } from './mutation/scores.ts';

/** Runs Stryker on a slice of the production code, or prints what its last runs found. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const slices = Object.keys(SLICES);

const program = new Command('mutation')
  .description('mutate the production code and show that its tests notice')
  .addArgument(new Argument('[slice]', 'what to mutate').choices(slices))
  .option('--files <list>', 'only these files of the slice, comma-separated (globs, or path:from-to lines)')
  .option('--force', 'test every mutant again, also those whose code and tests are unchanged')
  .option('--simulation', 'test the worker by seeds of the simulation too: for what its other tests leave')
  .option('--table', 'print the scores of the last runs as a table, and run nothing')
  .option('--survivors', 'list what survived the last run, and run nothing')
  .parse();
const options = program.opts<{
  files?: string;
  force?: true;
  simulation?: true;
  table?: true;
  survivors?: true;
}>();
const [slice] = program.args;

if (options.table !== true && options.survivors !== true) {
  if (slice === undefined) program.error(`name a slice: ${slices.join(', ')}`);
  const stryker = spawn('npx', ['stryker', 'run', ...(options.force === true ? ['--force'] : [])], {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      MUTATION_SLICE: slice,
      MUTATION_SIMULATION: String(options.simulation === true),
      ...(options.files === undefined ? {} : { MUTATION_FILES: options.files }),
    },
  });
  await once(stryker, 'close');
  process.exitCode = stryker.exitCode ?? 1;
}

const chosen = slice === undefined ? slices : [slice];
const reports = (await Promise.all(chosen.map(readReport))).filter((report) => report !== undefined);
if (options.survivors === true) for (const line of survivorsOf(reports)) process.stdout.write(`${line}\n`);
else process.stdout.write(tableOf(scoresByFolder(reports)));

async function readReport(name: string): Promise<Report | undefined> {
  try {
    return JSON.parse(await readFile(`${ROOT}/reports/mutation/${name}.incremental.json`, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}
