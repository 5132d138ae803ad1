/** An upload that a message speaks of. */
export interface Spoken {
  key: string;
  /** The number of the upload; absent where the message names none, as a backfill's does not. */
  upload?: number;
}

/** What S3 told of an upload, and the number that the simulation gave it. */
interface Told {
  key: string;
  upload: number;
  versionId: string;
  sequencer: string;
}

/**
 * Which uploads each message speaks of, by what was put into it; the parser of the worker is not asked. Messages that
 * travel on keep their bodies.
 */
export interface SpokenOf {
  tell(told: Told): void;
  /** A body that was made of the notifications of these uploads. */
  made(body: string, spoken: readonly Spoken[]): void;
  /** None when nothing that a body of the pipeline says. */
  of(body: string): readonly Spoken[];
}

export function createSpokenOf(): SpokenOf {
  const bodies = new Map<string, readonly Spoken[]>();
  const told: Told[] = [];

  /** The pipeline's own message. */
  function read(body: string): readonly Spoken[] {
    const { type, key, versionId, sequencer } = JSON.parse(body) as Record<string, string | undefined>;
    if (type !== 'millrace.dirty' || key === undefined) return [];
    const byVersion = versionId !== undefined && versionId !== 'null' && versionId !== '';
    const name = byVersion ? versionId : sequencer;
    const named = told.findLast(
      (each) => each.key === key && !!name && name === (byVersion ? each.versionId : each.sequencer),
    );
    return [{ key, ...(named === undefined ? {} : { upload: named.upload }) }];
  }

  return {
    tell: (upload) => void told.push(upload),
    made(body, spoken) {
      const before = bodies.get(body);
      // Two uploads of one moment, with equal content and without ids, have equal notifications, which name neither.
      const named = spoken.map((each, index): Spoken => {
        return before === undefined || before[index]?.upload === each.upload ? each : { key: each.key };
      });
      bodies.set(body, named);
    },
    of(body) {
      const known = bodies.get(body) ?? read(body);
      bodies.set(body, known);
      return known;
    },
  };
}
