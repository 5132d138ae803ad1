/**
 * Checks that imports go one way. A cruise that looked at nothing would pass as well, so it must have looked at
 * every source file. Plain JavaScript, because dependency-cruiser's parser does not survive the TypeScript loader.
 */
import { cruise } from 'dependency-cruiser';
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import { glob } from 'tinyglobby';

const sources = await glob('{src,cdk,examples,packages/*/src}/**/*.ts');
const { forbidden, options } = await extractConfig('./.dependency-cruiser.cjs');
const { output } = await cruise(['src', 'cdk', 'examples', 'packages'], {
  ...options,
  ruleSet: { forbidden },
  validate: true,
});
if (typeof output === 'string') throw new Error('expected a report, got text');

const { violations, totalCruised } = output.summary;
const seen = new Set(output.modules.map(({ source }) => source));
const unseen = sources.filter((source) => !seen.has(source));
for (const { rule, from, to } of violations) process.stderr.write(`${rule.name}: ${from} -> ${to}\n`);
for (const source of unseen) process.stderr.write(`not looked at: ${source}\n`);
process.stdout.write(
  `${totalCruised} modules, ${sources.length} of them sources, ${violations.length} violations\n`,
);
if (violations.length > 0 || unseen.length > 0 || sources.length === 0) process.exitCode = 1;
