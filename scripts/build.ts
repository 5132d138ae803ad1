import { fileURLToPath } from 'node:url';
import { Argument, Command } from 'commander';
import { buildDeployed, buildLocal, buildPublished } from './build/build.ts';

/** Builds `dist` from the sources. */

const BUILDS = { local: buildLocal, deployed: buildDeployed, published: buildPublished };

const command = new Command('build')
  .description('make dist of the sources')
  .addArgument(
    new Argument('[what]', 'what runs here, that and what is deployed, or all that is published')
      .choices(Object.keys(BUILDS))
      .default('published'),
  )
  .parse();

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
await BUILDS[command.processedArgs[0] as keyof typeof BUILDS]();
