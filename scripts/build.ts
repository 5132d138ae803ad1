import { fileURLToPath } from 'node:url';
import { Argument, Command } from 'commander';
import { buildDeployed, buildLocal, buildPublished } from './build/build.ts';
import { buildLocalAws } from './build/local-aws.ts';

/** Builds `dist` from the sources. */

const BUILDS = {
  local: buildLocal,
  deployed: buildDeployed,
  published: buildPublished,
  'local-aws': buildLocalAws,
};

const command = new Command('build')
  .description('build dist from the sources')
  .addArgument(
    new Argument(
      '[what]',
      'local: what runs on this machine; deployed: also the functions; published: everything; local-aws: only that package',
    )
      .choices(Object.keys(BUILDS))
      .default('published'),
  )
  .parse();

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
await BUILDS[command.processedArgs[0] as keyof typeof BUILDS]();
