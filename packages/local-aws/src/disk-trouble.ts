const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this machine has too many open files',
  EIO: 'the disk failed',
};

/** The file system cannot be used. The process continues and works again when the cause is fixed. */
export class DiskTrouble extends Error {
  override readonly name = 'DiskTrouble';
}

/** A content that is missing, too short, or has other bytes than were stored. */
export class DamagedContent extends DiskTrouble {}

/** Returns what an error says about the disk, if that is its cause. */
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
