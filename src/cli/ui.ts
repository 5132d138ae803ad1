import { Command } from 'commander';
import { authorizationFor } from './api/authorize.ts';
import { wholeNumber } from './arguments.ts';
import { withConnection, type ConnectionOptions } from './connection.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { findDeployment } from './find-deployment.ts';
import { onInterrupt } from './interrupt.ts';
import { hint, print, printJson } from './output.ts';
import { startFailure } from './start-failure.ts';

const EXAMPLE = `
Example:
  $ millrace ui --stack millrace`;

type Options = ConnectionOptions & { port: number; json?: true };

/** `millrace ui`: serves a deployment's pages to users with AWS credentials. */
export function uiCommand(): Command {
  return withConnection(new Command('ui'))
    .description("serve a deployment's pages on this machine with your credentials, until Ctrl-C")
    .option('--port <port>', 'port of the pages; 0 picks a free port', wholeNumber(0, 65_535), 4810)
    .option('--json', 'print the address as a JSON line')
    .addHelpText('after', EXAMPLE)
    .action(run);
}

async function run({ port, json, ...options }: Options): Promise<void> {
  const { name, deployment, local } = await findDeployment(options);
  if (local !== undefined) return show(local.url, json);
  if (deployment.apiUrl === undefined)
    throw new CommandError(EXIT.wrongUsage, `the deployment ${name} has no API`);
  const interrupted = new Promise<void>((resolve) => onInterrupt(resolve));
  const apiUrl = new URL(deployment.apiUrl);
  const { startApiProxy } = await import('../local/api-proxy.ts');
  const proxy = await startApiProxy({ apiUrl, port, authorize: authorizationFor(apiUrl, 'deployed') }).catch(
    startFailure,
  );
  show(proxy.url, json);
  hint(`forwards to ${apiUrl.origin}; to upload from this page, the upload bucket must allow ${proxy.url}`);
  await interrupted;
  await proxy.stop();
}

function show(url: string, json: true | undefined): void {
  if (json) printJson({ type: 'ready', url });
  else print(`pages and API  ${url}`);
}
