import { execFile, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, SendMessageCommand, type Message } from '@aws-sdk/client-sqs';
import { seededRandom, type Random } from '@millrace/local-aws/models';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { objectsOf, reasonFor } from '../../src/ops/dead-letters/reason.ts';
import { millraceStart, type Started } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { clientsOf, countMessages, deadLetters, type TestPipeline } from '../support/pipeline.ts';
import { contradictions } from './check.ts';
import { BUCKETS, keysAtEnd, RECIPE_JSON } from './end.ts';
import { uploadAtRandom } from './upload.ts';

export interface ChaosReport {
  uploads: number;
  acknowledged: number;
  workersKilled: number;
  pipelinesKilled: number;
  /** Dead letters of valid images, whose processes were killed too often. */
  redriven: number;
  results: number;
  contradictions: string[];
}

/** Shares of requests during which something is killed. */
const WORKER_KILLS = 1 / 15;
const PIPELINE_KILLS = 1 / 150;
/** The reasons that repeatedly killed processes leave. */
const CODES_OF_KILLS = new Set(['process.died', 'attempt.never_began', 'retries.exhausted']);
const run = promisify(execFile);

/**
 * Uploads to the real pipeline, with its faults, while its workers and all its processes are repeatedly killed. Then
 * waits until it is idle, redrives what was killed too often, and checks the history.
 */
export async function chaos(
  uploads: number,
  seed: number,
  say: (text: string) => void,
): Promise<ChaosReport> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'));
  const recipe = join(folder, 'recipe.json');
  await writeFile(recipe, RECIPE_JSON);
  const random = seededRandom(seed);
  const args = ['--data', join(folder, 'data'), '--recipe', recipe, '--faults', String(seed)];
  let started = await millraceStart(...args);
  const port = new URL(started.awsUrl).port;
  const clients = clientsOf(started.awsUrl);
  const report = { uploads, acknowledged: 0, workersKilled: 0, pipelinesKilled: 0, redriven: 0, results: 0 };
  let restarting = Promise.resolve();

  async function killSomething(): Promise<void> {
    // Each client loses a request or two while the pipeline is down, however long it takes to return.
    await restarting;
    const draw = random();
    if (draw < PIPELINE_KILLS) {
      restarting = restarting.then(restart);
      report.pipelinesKilled += 1;
    } else if (draw < PIPELINE_KILLS + WORKER_KILLS && (await killChild(started, random))) {
      report.workersKilled += 1;
    }
  }

  async function restart(): Promise<void> {
    await killGroup(started);
    started = await millraceStart(...args, '--aws-port', port);
  }

  try {
    // Makes each write of a result visible afterwards, even if it was replaced.
    await clients.s3.send(
      new PutBucketVersioningCommand({ Bucket: 'results', VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const tryingOnce = new S3Client({
      ...localClientConfig(started.awsUrl),
      forcePathStyle: true,
      maxAttempts: 1,
    });
    const history = await uploadAtRandom(tryingOnce, uploads, seededRandom(seed + 1), killSomething);
    tryingOnce.destroy();
    await restarting;
    report.acknowledged = history.filter(({ outcome }) => outcome === 'ok').length;
    say(
      `${report.acknowledged} of ${uploads} acknowledged; ${report.workersKilled} workers and ${report.pipelinesKilled} pipelines killed`,
    );

    const pipeline = { ...clients, queues: started.queues };
    await rest(pipeline);
    const letters = await deadLetters(pipeline);
    const redriven = await redriveKilled(pipeline, letters);
    report.redriven = redriven.length;
    say(
      `at rest with ${letters.length} dead letters, ${redriven.length} of them of processes that were killed`,
    );
    await rest(pipeline);
    const remaining = letters.filter((letter) => !redriven.includes(letter));
    remaining.push(...(await deadLetters(pipeline)));
    const ends = await keysAtEnd(clients.s3, remaining);
    report.results = ends.reduce((sum, { results }) => sum + results.length, 0);
    return { ...report, contradictions: contradictions(history, ends) };
  } finally {
    await restarting.catch(() => undefined);
    await killGroup(started);
    clients.s3.destroy();
    clients.sqs.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

type Queues = Pick<TestPipeline, 's3' | 'sqs' | 'queues'>;

/** Kills one of the pipeline's child processes, if one appears in time. */
async function killChild({ child }: Started, random: Random): Promise<boolean> {
  for (let tries = 0; tries < 50; tries += 1) {
    const pids = await childrenOf(child);
    if (pids.length > 0) return kill(Number(pids[Math.floor(random() * pids.length)]));
    await sleep(100);
  }
  return false;
}

async function childrenOf({ pid }: ChildProcess): Promise<string[]> {
  try {
    const { stdout } = await run('pgrep', ['-P', String(pid)]);
    return stdout.trim().split('\n');
  } catch (error) {
    // It reports that it found none.
    if ((error as { code?: unknown }).code === 1) return [];
    throw error;
  }
}

/** Kills the pipeline with all its processes at once, like a power cut. */
async function killGroup({ child, end }: Started): Promise<void> {
  if (child.pid !== undefined) kill(-child.pid);
  await end('SIGKILL');
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    // It has already exited.
    return false;
  }
}

function rest({ sqs, queues }: Queues): Promise<true> {
  const isQuiet = async () =>
    (await countMessages(sqs, queues.conversion)) + (await countMessages(sqs, queues.retry)) === 0;
  return eventually('both queues are empty', async () => await isQuiet(), 480);
}

/** Redrives the dead letters caused by the kills, and returns them. */
async function redriveKilled({ s3, sqs, queues }: Queues, letters: readonly Message[]): Promise<Message[]> {
  const redriven: Message[] = [];
  for (const letter of letters) {
    const [object] = objectsOf(letter);
    const { code } = await reasonFor(letter, object, s3, BUCKETS);
    if (!CODES_OF_KILLS.has(code)) continue;
    await sqs.send(new SendMessageCommand({ QueueUrl: queues.retry, MessageBody: letter.Body }));
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: queues.deadLetter, ReceiptHandle: letter.ReceiptHandle }),
    );
    redriven.push(letter);
  }
  return redriven;
}
