import type { S3Client } from '@aws-sdk/client-s3';
import { CODES, type Code } from '../../src/core/codes.ts';
import { objectsOf, reasonFor } from '../../src/ops/dead-letters/reason.ts';
import type { Config } from '../../src/worker/config.ts';
import { keysIn, sdkMessage } from './messages.ts';
import type { World } from './world.ts';

/** What must hold of the dead letters. */
export interface DeadLetterCheck {
  /** Whether the environment has failed one of the keys so often that it may be a dead letter. */
  unlucky(keys: readonly string[]): boolean;
  /** After every step: no object is in the dead-letter queue that did not deserve it. */
  check(): string | undefined;
  /** At rest: every dead letter says why. */
  checkReasons(): Promise<string | undefined>;
  /** At rest after the causes were mended and all was redriven: only what no mending can help is left. */
  checkMended(): string | undefined;
}

/** A message that met a poisoned batch and then failed forwards only has had so many receives of its own. */
const FAILURES_OF_THE_ENVIRONMENT = 4;

export function createDeadLetterCheck(world: World, s3: S3Client, config: Config): DeadLetterCheck {
  const { dead } = world;
  const seen = new Set<string>();

  const wasEver = (key: string, contents: readonly string[]) =>
    (world.history.get(key) ?? []).some((content) => contents.includes(content));
  const unlucky = (keys: readonly string[]) =>
    keys.some((key) => (world.disturbances.get(key) ?? 0) >= FAILURES_OF_THE_ENVIRONMENT);

  function expectedCodes(key: string): Code[] {
    const codes: Code[] = [];
    if (wasEver(key, ['bad'])) codes.push('image.corrupt');
    if (wasEver(key, ['poison'])) codes.push('process.died');
    // After four crashes, the last attempt may have met something else.
    if (wasEver(key, ['poison']) && (world.disturbances.get(key) ?? 0) > 0) codes.push('retries.exhausted');
    return codes;
  }

  return {
    unlucky,

    check() {
      for (const { id, body } of dead.all()) {
        if (seen.has(id)) continue;
        seen.add(id);
        const keys = keysIn(body);
        if (keys.length === 0) continue;
        if (keys.some((key) => wasEver(key, ['bad', 'poison'])) || unlucky(keys)) continue;
        return `${keys.join(' and ')} is a dead letter although nothing was wrong with it`;
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
        for (const object of objects) {
          const { code, message: text, attempts } = await reasonFor(message, object, s3, config);
          if (!(code in CODES) || text === '' || Number.isNaN(attempts))
            return `a dead letter of ${object.key} has no reason`;
          if (unlucky([object.key])) continue;
          const expected = expectedCodes(object.key);
          if (!expected.includes(code as Code))
            return `the dead letter of ${object.key} says ${code}, and not ${expected.join(' or ')}`;
        }
      }
      return undefined;
    },

    checkMended() {
      for (const { body } of dead.all()) {
        const keys = keysIn(body);
        if (keys.length > 0)
          return `${keys.join(' and ')} is still a dead letter although everything is mended`;
      }
      return undefined;
    },
  };
}
