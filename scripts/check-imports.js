/**
 * Checks the import rules, and that dependency-cruiser read every source file: if it reads none, it reports no
 * violations. Plain JavaScript, because dependency-cruiser's parser does not work under the TypeScript loader.
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
for (const source of unseen) process.stderr.write(`not checked: ${source}\n`);
process.stdout.write(
  `${totalCruised} modules, including ${sources.length} source files; ${violations.length} violations\n`,
);
if (violations.length > 0 || unseen.length > 0 || sources.length === 0) process.exitCode = 1;
