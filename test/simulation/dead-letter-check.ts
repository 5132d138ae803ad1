import type { S3Client } from '@aws-sdk/client-s3';
import type { Message } from '@millrace/local-aws/models';
import { CODES } from '../../src/core/codes.ts';
import { objectsOf, reasonFor } from '../../src/ops/dead-letters/reason.ts';
import type { Config } from '../../src/worker/config.ts';
import { sdkMessage } from './messages.ts';
import type { NamedUpload } from './message-contents.ts';
import { ACCIDENTS, BAD_CODES } from './unconvertible.ts';
import type { World } from './world.ts';

/** What must hold of the dead letters. */
export interface DeadLetterCheck {
  /** Whether the latest upload of the key is a dead letter because the environment failed its message so often. */
  isUnlucky(key: string): boolean;
  /** After every step: no message is in the dead-letter queue that did not deserve it. */
  check(): string | undefined;
  /** At rest, before and after a redrive: every dead letter says why. */
  checkReasons(): Promise<string | undefined>;
  /** At rest after the causes were mended and all was redriven: only what no mending can help is left. */
  checkMended(): string | undefined;
}

/** A message that met a poisoned batch and then failed forwards only has had so many receives of its own. */
const FAILURES_OF_THE_ENVIRONMENT = 4;

export function createDeadLetterCheck(world: World, s3: S3Client, config: Config): DeadLetterCheck {
  const { dead, history, messageContents } = world;
  const seen = new Set<string>();

  const failedByEnvironment = ({ id }: Message) => world.disturbancesOf(id) >= FAILURES_OF_THE_ENVIRONMENT;

  /** What the upload of the message, or a later one that it met, can have died of. */
  function expectedCodes(of: NamedUpload, letter: Message): string[] {
    const met = history.contentsSince(of);
    const codes: string[] = [];
    if (met.includes('bad')) codes.push(...BAD_CODES);
    if (met.includes('slow')) codes.push('conversion.timeout');
    const failing = met.includes('bad') || met.includes('slow');
    // After four crashes, the last attempt may have met something else: a fault, or other writers of its report.
    if (met.includes('poison')) codes.push(...ACCIDENTS);
    // The last attempt at what fails by itself may meet a fault, after others who write the same report wore its attempts.
    else if (failing && world.disturbancesOf(letter.id) > 0) codes.push(...ACCIDENTS);
    return codes;
  }

  return {
    isUnlucky: (key) =>
      [...dead.all(), ...world.setAside.values()].some(
        (letter) =>
          failedByEnvironment(letter) &&
          messageContents.of(letter.body).some((each) => each.key === key && history.isLatest(each, letter)),
      ),

    check() {
      for (const letter of dead.all()) {
        if (seen.has(letter.id)) continue;
        seen.add(letter.id);
        const uploads = messageContents.of(letter.body);
        if (uploads.length === 0 || failedByEnvironment(letter)) continue;
        if (uploads.some((each) => expectedCodes(each, letter).length > 0)) continue;
        const keys = uploads.map(({ key }) => key).join(' and ');
        return `${keys} is a dead letter although nothing was wrong with it`;
      }
      return undefined;
    },

    async checkReasons() {
      for (const letter of dead.all()) {
        const message = sdkMessage(letter);
        const objects = objectsOf(message);
        if (objects.length === 0) {
          const { code } = await reasonFor(message, undefined, s3, config);
          if (code !== 'notification.malformed') return `a dead letter that is no notification says ${code}`;
        }
        const uploads = messageContents.of(letter.body);
        if (objects.map(({ key }) => key).join() !== uploads.map(({ key }) => key).join())
          return `a dead letter of ${uploads.map(({ key }) => key).join(' and ')} is read as of others`;
        for (const [index, object] of objects.entries()) {
          const of = uploads[index] ?? object;
          const { code, message: text, attempts } = await reasonFor(message, object, s3, config);
          if (!(code in CODES || BAD_CODES.includes(code)) || text === '' || Number.isNaN(attempts))
            return `a dead letter of ${object.key} has no reason`;
          if (code === 'retries.exhausted' && attempts < config.maxAttempts)
            return `the dead letter of ${object.key} says ${code} after ${attempts} attempts`;
          const expected = expectedCodes(of, letter);
          if (failedByEnvironment(letter)) {
            expected.push(...ACCIDENTS, 'attempt.never_began');
            // Without versions, the report of an earlier upload is taken for that of this one.
            if (object.versionId === undefined) expected.push(...expectedCodes({ key: object.key }, letter));
          }
          // A later upload in the retry lane took the report of this one along, or replaced it.
          if (history.isSuperseded(of)) expected.push('attempt.never_began');
          if (!expected.includes(code))
            return `the dead letter of ${object.key} says ${code}, and not ${expected.join(' or ')}`;
        }
      }
      return undefined;
    },

    checkMended() {
      for (const { body } of dead.all()) {
        const keys = messageContents.of(body).map(({ key }) => key);
        if (keys.length > 0)
          return `${keys.join(' and ')} is still a dead letter although everything is mended`;
      }
      return undefined;
    },
  };
}
