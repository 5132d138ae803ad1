import { afterAll, beforeAll, expect, it } from 'vitest';
import { localDeploymentSchema, OUTPUTS } from '../../src/core/deployment.ts';
import { outputsOf, startCloudFormation } from '../support/cloudformation.ts';
import { millraceIn, millraceStart, type Started, withoutProgress } from '../support/command.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';

let started: Started;
let folder: TestFolder;
let cloudFormation: Awaited<ReturnType<typeof startCloudFormation>>;
let environment: Record<string, string>;
beforeAll(async () => {
  [started, folder] = await Promise.all([millraceStart('--concurrency', '1'), createTestFolder()]);
  await folder.image('photos/a.png');
  await folder.file('photos/b.jpg', 'I am no photo');
  const deployment = localDeploymentSchema.parse(await (await fetch(`${started.url}/deployment`)).json());
  const outputs = outputsOf(deployment);
  const { [OUTPUTS.deadLetterQueueUrl]: _queue, [OUTPUTS.renditions]: _renditions, ...half } = outputs;
  const { [OUTPUTS.generation]: _generation, ...older } = outputs;
  const prefixed = (pipeline: string) =>
    Object.fromEntries(Object.entries(outputs).map(([name, value]) => [`${pipeline}${name}`, value]));
  cloudFormation = await startCloudFormation(
    new Map([
      ['production', { ...outputs, SomethingElse: 'of the app around it' }],
      ['several', { ...prefixed('Photos'), ...prefixed('Scans') }],
      ['half', half],
      ['older', older],
    ]),
  );
  environment = {
    AWS_ENDPOINT_URL: started.awsUrl,
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'thing',
  };
});
afterAll(async () => {
  await cloudFormation.stop();
  await started.end('SIGTERM');
  await folder.remove();
});

const onStack = (...args: string[]) => millraceIn(environment, ...args, '--stack', 'production');

it('upload, status, dlq and redrive work with the outputs of a stack', async () => {
  const uploaded = await onStack('upload', folder.at('photos'), '--wait');
  expect([uploaded.code, withoutProgress(uploaded.stderr)]).toEqual([1, '']);
  expect(uploaded.stdout).toMatch(/1 converted, 0 pending, 1 failed/);

  expect(await onStack('status')).toEqual({
    code: 1,
    stdout: '2 uploaded, 1 converted, 1 failed, 0 pending\n',
    stderr: expect.stringMatching(/^from listings, .*\n$/),
  });
  const listed = await onStack('dlq');
  expect(listed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^image\.unsupported_format {2}1 .* fix the cause first {2}b\.jpg$/m),
  });

  await folder.copy(await folder.image('mended.png'), 'photos/b.jpg');
  await onStack('upload', folder.at('photos'), '--skip-existing', '--wait');
  const redriven = await onStack('redrive', '--key', 'b.jpg', '--wait', '--yes', '--reason', 'mended');
  expect(redriven).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 moved, 1 converted, 0 failed/),
  });
  expect(await onStack('dlq')).toMatchObject({ code: 0, stdout: 'no dead letters\n' });
});

it('one of several pipelines in a stack is named after the stack', async () => {
  expect((await millraceIn(environment, 'dlq', '--stack', 'several/Scans')).code).toBe(0);
  expect(await millraceIn(environment, 'dlq', '--stack', 'several')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('it has 2 pipelines: add /Photos or /Scans to its name'),
  });
});

it('the environment may name the stack, and an option overrides it', async () => {
  const named = { ...environment, MILLRACE_STACK: 'production' };
  expect((await millraceIn(named, 'dlq')).code).toBe(0);
  expect(await millraceIn(named, 'dlq', '--stack', 'older')).toMatchObject({ code: 3 });
});

it('says to deploy first if an older version deployed the stack', async () => {
  expect(await millraceIn(environment, 'status', '--stack', 'older')).toEqual({
    code: 3,
    stdout: '',
    stderr:
      'millrace: the stack older could not be read: deploy this version first: ' +
      'an older version deployed the stack, without the output Generation\n',
  });
});

it('names each output that the stack lacks', async () => {
  expect(await millraceIn(environment, 'dlq', 'show', 'a.png', '--stack', 'half')).toEqual({
    code: 3,
    stdout: '',
    stderr:
      'millrace: the stack half could not be read: not a stack of this project: ' +
      'it has no output DeadLetterQueueUrl, Renditions\n',
  });
});

it('says if the stack does not exist', async () => {
  expect(await millraceIn(environment, 'status', '--stack', 'prodution')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining(
      'the stack prodution could not be read: Stack with id prodution does not exist',
    ),
  });
});

it('3: the credentials are refused, or there are none', async () => {
  const refusing = await startCloudFormation(new Map(), { refuse: true });
  const refused = { ...environment, AWS_ENDPOINT_URL_CLOUDFORMATION: refusing.url };
  expect(await millraceIn(refused, 'status', '--stack', 'production')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('The security token included in the request is invalid.'),
  });
  await refusing.stop();

  const nobody = {
    ...environment,
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: folder.at('no-config'),
    AWS_SHARED_CREDENTIALS_FILE: folder.at('no-credentials'),
  };
  expect(await millraceIn(nobody, 'status', '--stack', 'production')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(/^millrace: the stack production could not be read: .*credentials.*\n$/),
  });
});
