import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { buildLocalAws, LOCAL_AWS } from './build/local-aws.ts';
import { released } from './release/changelog.ts';
import { publishMissing } from './release/publish.ts';
import { checkRepository, readManifests } from './release/repository.ts';

/** The steps of a release; see "Releases" in CONTRIBUTING.md. */

const CHANGELOG = 'CHANGELOG.md';

const command = new Command('release');
command.command('check').description('check that the packages can be published').action(check);
command
  .command('changelog')
  .description(
    'date the entries in the changelog; called by `npm version` after it sets the version, before it commits',
  )
  .action(dateChangelog);
command
  .command('publish')
  .description('publish the versions that are not in the registry yet')
  .action(publish);
await command.parseAsync().catch((error: unknown) => {
  process.stderr.write(`release: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

async function check(): Promise<void> {
  // GitHub sets this variable in workflows.
  checkRepository(await readManifests(), process.env['GITHUB_REPOSITORY']);
}

async function dateChangelog(): Promise<void> {
  const version = process.env['npm_package_version'];
  if (version === undefined)
    throw new Error('npm_package_version is missing: run this through `npm version`');
  const today = new Date().toISOString().slice(0, 10);
  await writeFile(CHANGELOG, released(await readFile(CHANGELOG, 'utf8'), version, today));
}

async function publish(): Promise<void> {
  await check();
  const [millrace, localAws] = [...(await readManifests()).values()].map(
    (text) => JSON.parse(text) as { name: string; version: string },
  );
  if (millrace === undefined || localAws === undefined) return;
  await publishMissing(
    [
      // npm builds this one, in `prepack`.
      { ...millrace, folder: '.' },
      { ...localAws, folder: `./${LOCAL_AWS}`, build: buildLocalAws },
    ],
    (text) => process.stdout.write(`${text}\n`),
  );
}
