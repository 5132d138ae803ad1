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
  /** Told of each fault that strikes a request of this owner. */
  onFault(): void;
  /** Called with each request of this owner to SQS; what it returns is told of each message that the request sends. */
  onSending(): (message: Sent) => void;
  /** Told of each request of this owner to S3 when S3 gets it; what it returns is called when that took effect. */
  onRequest?(command: unknown): (() => void) | undefined;
}

/** The SDK's clients for one owner, answered by the world in steps of their own. */
export function createClients(
  owner: Owner,
  { world, steps, faults, onFault, onSending, onRequest }: ClientsDeps,
): Clients {
  const struck = (fault: Fault) => {
    const strikes = faults.strikes(fault);
    if (strikes) onFault();
    return strikes;
  };

  /** As the SDK behaves: what was lost may be asked again, and then the second answer counts. */
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

  /** A long poll that finds nothing takes its time. */
  async function longPoll(command: unknown, answer: unknown): Promise<void> {
    if (!(command instanceof ReceiveMessageCommand)) return;
    const { WaitTimeSeconds = 0 } = command.input;
    const { Messages } = answer as { Messages?: unknown[] };
    if (WaitTimeSeconds > 0 && Messages === undefined) await world.clock.sleep(WaitTimeSeconds * 1000);
  }

  return {
    s3: fake(templates.s3, (command) => {
      const transfer = () => (struck('bodyFails') ? 'fails' : 'whole');
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

/** A client for what looks on from outside: it is answered at once, and nothing goes wrong. */
export function createOperatorClient(world: World): S3Client {
  return fake(templates.s3, (command) => Promise.resolve().then(answerS3(command, world).apply));
}

/** A client that looks real to whoever inspects it, with another way to send. */
function fake<T extends object>(template: T, send: (command: unknown) => Promise<unknown>): T {
  return Object.create(template, { send: { value: send } }) as T;
}
