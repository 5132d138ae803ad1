import { failureReportSchema } from '../../../src/core/failure-report.ts';
import { RESERVED_PREFIX } from '../../../src/core/reserved-prefixes.ts';
import { REDRIVE_ATTRIBUTE } from '../../../src/ops/redrive/send.ts';
import type { Invariants } from '../invariants.ts';
import type { World } from '../world.ts';

/** Records what was true at each step, because a view with several requests may show any moment between them. */
export interface Sightings {
  /** Call after every step. */
  look(): void;
  /** The number of steps so far. */
  now(): number;
  /** Whether all results of the key derived from its source at some step since then, as far as can be determined. */
  converted(key: string, since: number): boolean;
  /** Whether there was no source at some step since then. */
  gone(key: string, since: number): boolean;
  /** Whether this message ever had a report. */
  reported(messageId: string): boolean;
  /** Whether a message from this redrive, about this key or none, became a dead letter. */
  isDeadAgain(redrive: string, key: string | undefined): boolean;
}

export function createSightings(world: World, invariants: Invariants): Sightings {
  const keysIn = (body: string) => world.messageContents.of(body).map(({ key }) => key);
  const lastConverted = new Map<string, number>();
  const lastGone = new Map<string, number>();
  const looked = new Map<string, number>();
  const reporters = new Set<string>();
  const deadAgain = new Set<string>();
  let step = 0;

  function lookAtReports(): void {
    for (const key of world.failures.versions.keys()) {
      const version = key.startsWith(RESERVED_PREFIX) ? undefined : world.current(world.failures, key);
      if (version === undefined || looked.get(key) === version.sequence) continue;
      looked.set(key, version.sequence);
      const text = Buffer.from(world.contentOf(version)).toString();
      reporters.add(failureReportSchema.parse(JSON.parse(text)).messageId);
    }
  }

  return {
    now: () => step,
    look() {
      step += 1;
      for (const key of world.sources.keys()) {
        if (world.sources.current(key) === undefined) lastGone.set(key, step);
        else if (invariants.looksConverted(key)) lastConverted.set(key, step);
      }
      lookAtReports();
      for (const { attributes, body } of world.dead.all()) {
        const redrive = attributes[REDRIVE_ATTRIBUTE]?.StringValue;
        if (redrive === undefined) continue;
        const keys = keysIn(body);
        for (const key of keys.length > 0 ? keys : ['']) deadAgain.add(`${redrive} ${key}`);
      }
    },
    converted: (key, since) => (lastConverted.get(key) ?? -1) >= since,
    gone: (key, since) => (lastGone.get(key) ?? -1) >= since,
    reported: (messageId) => reporters.has(messageId),
    isDeadAgain: (redrive, key = '') => deadAgain.has(`${redrive} ${key}`),
  };
}
