const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this machine has too many open files',
  EIO: 'the disk failed',
};

/** Thrown when the file system cannot be used. The process continues, and works again once the cause is fixed. */
export class DiskTrouble extends Error {
  override readonly name = 'DiskTrouble';
}

/** Thrown for a content that is missing, too short, or different from what was stored. */
export class DamagedContent extends DiskTrouble {}

/** Returns the disk trouble that caused an error, if any. */
export function diskTrouble(error: unknown): DiskTrouble | undefined {
  if (error instanceof DiskTrouble) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code];
  return reason === undefined ? undefined : new DiskTrouble(`${reason} (${code})`, { cause: error });
}

/** Reports each kind of trouble once, until `over`: a full disk fails every request. */
interface TroubleReport {
  report(trouble: DiskTrouble): void;
  over(): void;
}

export function createTroubleReport(onTrouble: (trouble: DiskTrouble) => void): TroubleReport {
  const reported = new Set<string>();
  return {
    report(trouble) {
      if (reported.has(trouble.message)) return;
      reported.add(trouble.message);
      onTrouble(trouble);
    },
    over: () => reported.clear(),
  };
}
