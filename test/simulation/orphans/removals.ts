import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { NOTHING_FOUND, ORPHANS } from '../../../src/cli/orphans/found.ts';
import { removeOrphans } from '../../../src/cli/orphans/remove-orphans.ts';
import type { Former, Orphan } from '../../../src/ops/orphans/orphan.ts';
import { createExportFile } from '../operations/export-file.ts';
import type { Operators } from '../operators.ts';
import type { Owner, Steps } from '../steps.ts';
import type { World } from '../world.ts';
import type { Removed } from './removed.ts';

/** The command that deletes results and failure reports of deleted uploads, while others upload and convert. */
export interface Removals {
  /** Starts it. Returns its description. */
  begin(): string;
}

interface RemovalsDeps {
  world: World;
  steps: Steps;
  operators: Operators;
  removed: Removed;
  onViolation(text: string): void;
}

const never = new AbortController().signal;

export function createRemovals({ world, steps, operators, removed, onViolation }: RemovalsDeps): Removals {
  const { results, stored, reports, history } = world;

  /** Returns a violation in the deletion of a failure report, if any. */
  function ofReport(key: string, bytes: Uint8Array): string | undefined {
    const latest = history.latest(key);
    const { source } = JSON.parse(Buffer.from(bytes).toString()) as { source: { versionId?: string } };
    const isOfIt =
      source.versionId !== undefined && source.versionId === world.sources.current(key)?.versionId;
    if (latest?.told === true && isOfIt)
      return `a removal of orphans deleted the failure report of a new upload of ${key}`;
    world.met('a failure report is removed as an orphan');
    return undefined;
  }

  return {
    begin() {
      const written: { file?: ReturnType<typeof createExportFile<Orphan | Former>> } = {};
      /** Observes each deletion when it takes effect. */
      const onRequest = (owner: Owner, command: unknown) => {
        if (!(command instanceof DeleteObjectCommand)) return undefined;
        const { Bucket, Key = '' } = command.input;
        const isResult = Bucket === results.name;
        const object = (isResult ? stored : reports).current(Key);
        return () => {
          if (object === undefined) return;
          const isWritten = written.file?.synced.some(({ bucket, key }) => bucket === Bucket && key === Key);
          const violation = isWritten
            ? isResult
              ? removed.result(owner, object)
              : ofReport(Key, object.bytes)
            : `a removal of orphans deleted ${Key} before its line was on disk`;
          if (violation !== undefined) onViolation(violation);
        };
      };
      return operators.start(
        'removes orphans',
        async (ops, owner) => {
          const file = createExportFile(owner, steps, (line) => JSON.parse(line) as Orphan | Former);
          written.file = file;
          let isComplete = false;
          try {
            const { kept } = await removeOrphans(
              ops,
              ORPHANS.find(ops, '', { ...NOTHING_FOUND }),
              file,
              never,
            );
            world.met('an orphan is kept because its result has changed', kept);
            isComplete = true;
          } finally {
            removed.ended(owner, isComplete);
          }
        },
        onRequest,
      );
    },
  };
}
