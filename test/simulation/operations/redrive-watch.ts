import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand, type SendMessageBatchCommandOutput } from '@aws-sdk/client-sqs';
import { REDRIVES_PREFIX } from '../../../src/core/reserved-prefixes.ts';
import type { Followed } from '../../../src/ops/redrive/follow.ts';
import type { RedriveRecord } from '../../../src/core/redrive-record.ts';
import type { Deployments } from '../deployments.ts';
import { possibleStates } from '../views/possible-states.ts';
import { openWindow, type Window } from '../views/window.ts';
import type { World } from '../world.ts';
import type { Observer } from './observe.ts';
import type { RedriveOperation } from './operation.ts';
import type { Sightings } from './sightings.ts';

/** A message that SQS accepted from a redrive, according to its response. */
interface Taken {
  newId: string;
  body: string;
  /** What was there since then. */
  window: Window;
}

/** Observes a redrive's requests and responses, to compare its record with. */
export interface RedriveWatch {
  id?: string;
  /** A run was killed or failed, so its record may be incomplete. */
  broken: boolean;
  /** Observes a run's requests and responses. */
  observer(): Observer;
  followed(event: Followed): void;
  /** Compares its record with what happened. Call when no run is active. */
  verdict(record: RedriveRecord): string | undefined;
}

interface WatchDeps {
  world: World;
  deployments: Deployments;
  sightings: Sightings;
  operation: Pick<RedriveOperation, 'canary' | 'rate' | 'stopIfFailing'>;
  /** Ids of the dead letters that it must move: selected, and in the queue when it started. */
  choice: readonly string[];
  onViolation(text: string): void;
}

/** Requests of a redrive after it learned of its cancellation: to settle messages in hand, and to record its end. */
const MOST_AFTER_CANCEL = 60;

export function watchRedrive({
  world,
  deployments,
  sightings,
  operation,
  choice,
  onViolation,
}: WatchDeps): RedriveWatch {
  const { canary, rate, stopIfFailing } = operation;
  const keysIn = (body: string) => world.messageContents.of(body).map(({ key }) => key);
  const taken: Taken[] = [];
  const since = sightings.now();
  let afterCancel: number | undefined;

  function checkCanary(count: number): void {
    if (canary === undefined || taken.length + count <= canary) return;
    if (taken.length === 0) return onViolation(`a redrive sends ${count} at once, more than its canary`);
    for (const { newId, body } of taken.slice(0, canary)) {
      const message = world.retry.get(newId);
      if (message === undefined || message.receiveCount > 0) continue;
      const ended = keysIn(body).some((key) => sightings.converted(key, since) || sightings.gone(key, since));
      if (!ended) onViolation('a redrive goes on although its canary was not even received');
    }
  }

  /** Each run has at most two bursts: of the canary, and of the rest. */
  function createPaceCheck(): (count: number) => void {
    let begun: number | undefined;
    let sent = 0;
    return (count) => {
      if (rate === undefined) return;
      begun ??= world.clock.now();
      sent += count;
      const most = 2 * rate + (rate * (world.clock.now() - begun)) / 1000;
      if (sent > most) onViolation(`a redrive sends ${sent} messages where ${rate} a second allow ${most}`);
    };
  }

  /** It reads the source and the results in separate requests, and a new upload may come between them. */
  function mayBeConverted(key: string): boolean {
    if (sightings.converted(key, since)) return true;
    const { window } = taken.find(({ body }) => keysIn(body).includes(key)) ?? {};
    return (
      window !== undefined &&
      deployments.all.some((deployed) =>
        possibleStates(world, deployed, window).of(key, 'objects').has('converted'),
      )
    );
  }

  const watch: RedriveWatch = {
    broken: false,

    observer() {
      const checkPace = createPaceCheck();
      return {
        asked(command) {
          if (afterCancel !== undefined) {
            afterCancel += 1;
            if (afterCancel > MOST_AFTER_CANCEL) onViolation('a redrive that was cancelled does not end');
          }
          if (command instanceof PutObjectCommand && command.input.Key?.startsWith(REDRIVES_PREFIX))
            watch.id ??= command.input.Key.slice(REDRIVES_PREFIX.length, -'.json'.length);
          if (!isSend(command)) return;
          const count = command.input.Entries?.length ?? 0;
          checkCanary(count);
          checkPace(count);
        },
        answered(command, answer) {
          if (
            command instanceof PutObjectCommand &&
            command.input.Key === `${REDRIVES_PREFIX}${watch.id}.json`
          ) {
            const { cancelRequested } = JSON.parse(command.input.Body as string) as RedriveRecord;
            if (cancelRequested) afterCancel ??= 0;
          }
          if (!isSend(command)) return;
          for (const { Id, MessageId = '' } of (answer as SendMessageBatchCommandOutput).Successful ?? []) {
            const body = command.input.Entries?.find((entry) => entry.Id === Id)?.MessageBody ?? '';
            taken.push({ newId: MessageId, body, window: openWindow(world) });
          }
        },
      };
    },

    followed({ kind, key }) {
      const isTrue =
        kind === 'converted'
          ? mayBeConverted(key)
          : kind === 'gone'
            ? sightings.gone(key, since)
            : taken.some(({ newId, body }) => {
                const about = keysIn(body).includes(key) ? key : undefined;
                if (about === undefined && keysIn(body).length > 0) return false;
                return sightings.reported(newId) || sightings.isDeadAgain(watch.id ?? '', about);
              });
      if (!isTrue) onViolation(`a redrive says that ${key} is ${kind}, and it is not`);
    },

    verdict({ id, state, reason = '', counts }) {
      const { moved, converted, failedAgain, gone, pending } = counts;
      const says = `the record of a redrive says ${state}: ${reason}, ${JSON.stringify(counts)}`;
      if (watch.broken ? moved > taken.length : moved !== taken.length)
        return `${says}, and SQS took ${taken.length}`;
      const ended = converted + failedAgain + gone;
      if (reason.includes('failed again, more than') && failedAgain <= stopIfFailing * ended)
        return `${says}, and its share is ${stopIfFailing}`;
      if (state === 'running' && !watch.broken) return `${says}, and nobody runs it`;
      if (state !== 'done') return undefined;
      const bodies = new Set(taken.map(({ body }) => body));
      for (const letter of choice) {
        const left = world.dead.get(letter);
        if (left !== undefined && !bodies.has(left.body)) return `${says}, and ${letter} was not moved`;
      }
      const places = new Set(
        taken.flatMap(({ newId, body }) => (keysIn(body).length > 0 ? keysIn(body) : [newId])),
      );
      const pairs = taken.reduce((sum, { body }) => sum + Math.max(1, keysIn(body).length), 0);
      if (!watch.broken && (ended + pending < places.size || ended + pending > pairs))
        return `${says}, and it moved ${places.size} objects of ${id}`;
      return undefined;
    },
  };
  return watch;
}

function isSend(command: unknown): command is SendMessageBatchCommand {
  return command instanceof SendMessageBatchCommand && command.input.QueueUrl === 'retry';
}
