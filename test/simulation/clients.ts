import { DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Faults } from './faults.ts';
import { answerS3, s3Error } from './s3-answers.ts';
import { answerSqs, sqsError, type Sent } from './sqs-answers.ts';
import type { Fault } from './scenario.ts';
import type { Owner, Steps } from './steps.ts';
import type { World } from './world.ts';

export interface Clients {
  s3: S3Client;
  sqs: SQSClient;
  dynamo: DynamoDBClient;
}

const config = { region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
const templates: Clients = {
  s3: new S3Client(config),
  sqs: new SQSClient(config),
  dynamo: new DynamoDBClient(config),
};

interface ClientsDeps {
  world: World;
  steps: Steps;
  faults: Faults;
  /** Called for each fault that affects a request of this owner. */
  onFault(): void;
  /**
   * Called with each SQS request of this owner. The returned function is called for each message that the request
   * sends.
   */
  onSending(): (message: Sent) => void;
  /**
   * Called with each S3 request of this owner when S3 receives it. The returned function is called when it took effect.
   */
  onRequest?(command: unknown): (() => void) | undefined;
}

/** SDK clients for one owner, whose requests and responses are separate steps. */
export function createClients(
  owner: Owner,
  { world, steps, faults, onFault, onSending, onRequest }: ClientsDeps,
): Clients {
  const struck = (fault: Fault) => {
    const strikes = faults.strikes(fault);
    if (strikes) onFault();
    return strikes;
  };

  /** Like the SDK, may retry a lost request; the second response then counts. */
  async function send<T>(
    label: string,
    apply: () => T,
    failure: (status: number) => Error,
    conditional = false,
  ) {
    const lost = new Error('the answer was lost');
    try {
      return await steps.effect(owner, label, () => {
        if (struck('refused')) throw failure(503);
        if (conditional && struck('conflict')) throw failure(409);
        if (!struck('answerLost')) return apply();
        apply();
        throw lost;
      });
    } catch (error) {
      if (error !== lost) throw error;
      if (struck('refused')) throw failure(0);
      return steps.effect(owner, `${label} again`, apply);
    }
  }

  /** An empty long poll takes its full wait time. */
  async function longPoll(command: unknown, answer: unknown): Promise<void> {
    if (!(command instanceof ReceiveMessageCommand)) return;
    const { WaitTimeSeconds = 0 } = command.input;
    const { Messages } = answer as { Messages?: unknown[] };
    if (WaitTimeSeconds > 0 && Messages === undefined) await world.clock.sleep(WaitTimeSeconds * 1000);
  }

  return {
    s3: fake(templates.s3, (command) => {
      const transfer = () => (struck('bodyFails') ? faults.failingBody : 'whole');
      const { label, conditional, apply } = answerS3(command, world, transfer);
      const observed = () => {
        const took = onRequest?.(command);
        const answer = apply();
        took?.();
        return answer;
      };
      return send(label, observed, s3Error, conditional);
    }),
    sqs: fake(templates.sqs, async (command) => {
      const partly = () => struck('batchPartlyFailed');
      const { label, apply } = answerSqs(command, world, partly, onSending());
      const answer = await send(label, apply, sqsError);
      await longPoll(command, answer);
      return answer;
    }),
    dynamo: fake(templates.dynamo, (command) =>
      send(
        (command as object).constructor.name,
        () => world.table.answer(command),
        (status) =>
          new DynamoDBServiceException({
            name: 'ThrottlingException',
            $fault: 'server',
            message: 'too fast',
            $metadata: { httpStatusCode: status },
          }),
      ),
    ),
  };
}

/** A client for observers: it gets immediate responses without faults. */
export function createOperatorClient(world: World): S3Client {
  return fake(templates.s3, (command) => Promise.resolve().then(answerS3(command, world).apply));
}

/** A client that appears real when inspected, but sends requests differently. */
function fake<T extends object>(template: T, send: (command: unknown) => Promise<unknown>): T {
  return Object.create(template, { send: { value: send } }) as T;
}
