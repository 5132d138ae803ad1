import { crc32 } from 'node:zlib';

/** An entry read from disk. */
export interface Entry {
  key: string;
  stored: string;
}

type Operation = { type: 'put'; key: string; value: string } | { type: 'del'; key: string };

const SUMMARY_KEY = 'journal/summary';
const CHECKSUM_LENGTH = 8;

/**
 * The expected contents of a journal, by which damage is detected when it is opened. Each entry has a checksum of its
 * key and value, and each write adds a summary: the number of entries, and the sum of their checksums. LevelDB itself
 * skips unreadable parts of a log, and does not check its tables' blocks.
 */
export interface JournalContents {
  /** Adds an entry that was read from disk. */
  load(entry: Entry): void;
  /** Compares what was loaded with the summary. */
  verify(): Verified;
  put(key: string, json: string): Operation;
  del(key: string): Operation;
  summary(writes: number): Operation;
}

export interface Verified {
  /** Number of the last write. */
  writes: number;
  /** Descriptions of the damage; empty if the journal is intact. */
  damage: string[];
  /** Entries that differ from what was written. */
  damaged: Entry[];
  /** Whether an earlier version wrote the journal, without checksums and without a summary. */
  unchecked: boolean;
}

export function createContents(): JournalContents {
  /** As signed numbers, which V8 stores in place. */
  const checksums = new Map<string, number>();
  const unreadable: Entry[] = [];
  let sum = 0;
  let summary: { writes: number; entries: number; sum: number } | undefined;

  function add(key: string, checksum: number): void {
    sum = (sum - (checksums.get(key) ?? 0) + checksum) >>> 0;
    checksums.set(key, checksum | 0);
  }

  function remove(key: string): void {
    sum = (sum - (checksums.get(key) ?? 0)) >>> 0;
    checksums.delete(key);
  }

  return {
    load({ key, stored }) {
      const json = stored.slice(CHECKSUM_LENGTH);
      const checksum = checksumOf(key, json);
      if (stored.slice(0, CHECKSUM_LENGTH) !== hex(checksum)) unreadable.push({ key, stored });
      else if (key === SUMMARY_KEY) summary = JSON.parse(json) as typeof summary;
      else add(key, checksum);
    },
    verify() {
      if (summary === undefined && checksums.size === 0 && unreadable.every(isUnchecked))
        return { writes: 0, damage: [], damaged: [], unchecked: unreadable.length > 0 };
      const damage: string[] = [];
      if (unreadable.length > 0)
        damage.push(`${unreadable.length} of its entries differ from what was written`);
      if (summary === undefined) damage.push('its summary is missing');
      else if (summary.entries !== checksums.size)
        damage.push(`it has ${checksums.size} entries where ${summary.entries} were written`);
      else if (summary.sum !== sum) damage.push('some of its entries are older than its last write');
      return { writes: summary?.writes ?? 0, damage, damaged: unreadable, unchecked: false };
    },
    put(key, json) {
      const checksum = checksumOf(key, json);
      add(key, checksum);
      return { type: 'put', key, value: hex(checksum) + json };
    },
    del(key) {
      remove(key);
      return { type: 'del', key };
    },
    summary(writes) {
      const json = JSON.stringify({ writes, entries: checksums.size, sum });
      return { type: 'put', key: SUMMARY_KEY, value: hex(checksumOf(SUMMARY_KEY, json)) + json };
    },
  };
}

/** Returns the value of an entry that passed its check. */
export function valueOf(stored: string): unknown {
  return JSON.parse(stored.slice(CHECKSUM_LENGTH));
}

/** Earlier versions stored only the JSON of an object. */
function isUnchecked({ stored }: Entry): boolean {
  try {
    return stored.startsWith('{') && typeof JSON.parse(stored) === 'object';
  } catch {
    return false;
  }
}

function checksumOf(key: string, json: string): number {
  return crc32(json, crc32(key));
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(CHECKSUM_LENGTH, '0');
}
