import type { Message } from '@millrace/local-aws/models';
import { ARCHIVE_PREFIX } from '../../../src/core/reserved-prefixes.ts';
import { parseCopy, type DeadLetterCopy } from '../../../src/ops/dead-letters/copy.ts';
import { REDRIVE_ATTRIBUTE } from '../../../src/ops/redrive/send.ts';
import type { World } from '../world.ts';
import type { ExportFile } from './export-file.ts';

/** A message that an operation sent to the retry queue. */
export interface Sent {
  id: string;
  redrive: string;
  body: string;
  at: number;
}

/** Accounts for each dead letter that leaves its queue, whoever removed it. */
export interface Ledger {
  /** Call after every step. Returns a dead letter that is unaccounted for, if any. */
  check(): string | undefined;
  sent: readonly Sent[];
  addExport(file: ExportFile<DeadLetterCopy>): void;
  /** Copies in exports and the archive, each once. */
  copies(): DeadLetterCopy[];
}

export function createLedger(world: World): Ledger {
  const { dead, retry, failures, clock } = world;
  const known = new Map<string, Message>();
  const seenInRetry = new Set<string>();
  const exports: ExportFile<DeadLetterCopy>[] = [];
  const sent: Sent[] = [];
  const expired: Message[] = [];
  /** By body: the number of messages in the retry queue that have not yet replaced a dead letter. */
  const unclaimed = new Map<string, number>();
  let archived = new Map<string, DeadLetterCopy>();

  function lookAtRetry(): void {
    for (const { id, body, attributes } of retry.all()) {
      if (seenInRetry.has(id)) continue;
      seenInRetry.add(id);
      const redrive = attributes[REDRIVE_ATTRIBUTE]?.StringValue;
      if (redrive === undefined) continue;
      sent.push({ id, redrive, body, at: clock.now() });
      unclaimed.set(body, (unclaimed.get(body) ?? 0) + 1);
    }
  }

  /** Returns a copy that left the archive without being sent, if there is one. */
  function lookAtArchive(): string | undefined {
    const now = new Map<string, DeadLetterCopy>();
    for (const key of failures.versions.keys()) {
      if (!key.startsWith(ARCHIVE_PREFIX)) continue;
      const version = world.current(failures, key);
      if (version === undefined) continue;
      now.set(key, archived.get(key) ?? parseCopy(Buffer.from(world.contentOf(version)).toString(), 1));
    }
    const before = archived;
    archived = now;
    for (const [key, { id, body }] of before)
      if (!now.has(key) && !sent.some((message) => message.body === body) && dead.get(id) === undefined)
        return `the archived copy of ${id} is gone, and nobody sent it`;
    return undefined;
  }

  const copies = () => [...archived.values(), ...exports.flatMap(({ synced }) => synced)];
  const isCopied = ({ id, body, attributes }: Message) =>
    copies().some((copy) => copy.id === id && copy.body === body && sameAttributes(copy, attributes));

  function lookAtDead(): string | undefined {
    for (const letter of known.values()) {
      if (dead.get(letter.id) !== undefined) continue;
      known.delete(letter.id);
      if (letter.sentAt + dead.settings.retentionSeconds * 1000 <= clock.now()) {
        expired.push(letter);
        if (!isCopied(letter)) world.dropped.push(letter);
        continue;
      }
      if (isCopied(letter)) {
        world.setAside.set(letter.id, letter);
        continue;
      }
      const left = unclaimed.get(letter.body) ?? 0;
      if (left === 0)
        return `the dead letter ${letter.id} was deleted, and there is no copy, and it was not sent`;
      unclaimed.set(letter.body, left - 1);
    }
    for (const letter of dead.all()) known.set(letter.id, letter);
    return undefined;
  }

  function lookAtCopies(): void {
    for (const [id, letter] of world.setAside)
      if (!expired.includes(letter) && !isCopied(letter)) world.setAside.delete(id);
  }

  return {
    sent,
    copies,
    addExport: (file) => void exports.push(file),
    check() {
      lookAtRetry();
      const violation = lookAtArchive() ?? lookAtDead();
      lookAtCopies();
      for (const letter of expired) world.setAside.set(letter.id, letter);
      return violation;
    },
  };
}

function sameAttributes(copy: DeadLetterCopy, attributes: Message['attributes']): boolean {
  const names = Object.keys(attributes);
  return (
    names.length === Object.keys(copy.attributes).length &&
    names.every((name) => copy.attributes[name]?.value === attributes[name]?.StringValue)
  );
}
