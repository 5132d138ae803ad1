import type { S3Client } from '@aws-sdk/client-s3';
import type { Message } from '@millrace/local-aws/models';
import { CODES } from '../../src/core/codes.ts';
import { objectsOf, reasonFor } from '../../src/ops/dead-letters/reason.ts';
import type { Config } from '../../src/worker/config.ts';
import { sdkMessage } from './messages.ts';
import type { NamedUpload } from './message-contents.ts';
import { ACCIDENTS, BAD_CODES, POISONED } from './unconvertible.ts';
import type { World } from './world.ts';

/** Invariants of dead letters. */
export interface DeadLetterCheck {
  /** Returns whether the key's latest upload is a dead letter because of repeated faults. */
  isUnlucky(key: string): boolean;
  /** Returns the same of any upload of the key whose message was tried after the latest upload. */
  hasUnlucky(key: string): boolean;
  /** After every step: the dead-letter queue contains only deserved dead letters. */
  check(): string | undefined;
  /** At rest, before and after a redrive: every dead letter has a reason. */
  checkReasons(): Promise<string | undefined>;
  /** At rest, after the causes were fixed and everything was redriven: only messages that cannot be fixed are left. */
  checkMended(): string | undefined;
}

/** A message from a poisoned batch whose forwarding then failed has had only this many receives of its own. */
const FAILURES_OF_THE_ENVIRONMENT = 4;

export function createDeadLetterCheck(world: World, s3: S3Client, config: Config): DeadLetterCheck {
  const { dead, history, messageContents } = world;
  const seen = new Set<string>();

  const failedByEnvironment = ({ id }: Message) => world.disturbancesOf(id) >= FAILURES_OF_THE_ENVIRONMENT;
  /** Also counts attempts that other writers may have used up. The upload must be converted all the same. */
  const hasExcuse = ({ id }: Message) => world.setbacksOf(id) >= FAILURES_OF_THE_ENVIRONMENT;

  /** Returns the possible reasons for the message's upload, or a later one that it met. */
  function expectedCodes(of: NamedUpload, letter: Message): string[] {
    const met = history.contentsSince(of);
    const codes: string[] = [];
    if (met.includes('bad')) codes.push(...BAD_CODES);
    if (met.includes('slow')) codes.push('conversion.timeout');
    const failing = met.includes('bad') || met.includes('slow');
    // After four crashes, the last attempt may fail differently: by a fault, or by other writers of its report.
    if (met.includes('poison')) codes.push(...POISONED);
    // The last attempt at a failing upload may meet a fault, after other writers of the report used up its attempts.
    else if (failing && world.disturbancesOf(letter.id) > 0) codes.push(...ACCIDENTS);
    return codes;
  }

  /** Finds dead letters because of repeated faults, and the upload of the key that each of them names. */
  const unluckyOf = (key: string) =>
    [...dead.all(), ...world.setAside.values()]
      .filter(failedByEnvironment)
      .flatMap((letter) => messageContents.of(letter.body).map((upload) => ({ letter, upload })))
      .filter(({ upload }) => upload.key === key);

  return {
    isUnlucky: (key) => unluckyOf(key).some(({ letter, upload }) => history.isLatest(upload, letter)),

    hasUnlucky: (key) => unluckyOf(key).some(({ letter }) => letter.sentAt >= (history.latest(key)?.at ?? 0)),

    check() {
      for (const letter of dead.all()) {
        if (seen.has(letter.id)) continue;
        seen.add(letter.id);
        const uploads = messageContents.of(letter.body);
        if (uploads.length === 0 || hasExcuse(letter)) continue;
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
          if (hasExcuse(letter)) {
            expected.push(...POISONED, 'attempt.never_began');
            // Without versions, an earlier upload's report counts as this one's.
            if (object.versionId === undefined) expected.push(...expectedCodes({ key: object.key }, letter));
          }
          // A later upload in the retry lane removed or replaced this one's report.
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
