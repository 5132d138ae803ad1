/** An upload that a message names. */
export interface NamedUpload {
  key: string;
  /** The number of the upload; absent if the message names none, as in a backfill. */
  upload?: number;
}

/** An upload's identity in S3, and its number in the simulation. */
interface Uploaded {
  key: string;
  upload: number;
  versionId: string;
  sequencer: string;
}

/**
 * Records which uploads each message names, from what was put into its body, without the worker's parser. Forwarded
 * messages keep their bodies.
 */
export interface MessageContents {
  uploaded(upload: Uploaded): void;
  /** Records a body made of the notifications of these uploads. */
  made(body: string, uploads: readonly NamedUpload[]): void;
  /** Returns none for a body that the pipeline does not send. */
  of(body: string): readonly NamedUpload[];
}

export function createMessageContents(): MessageContents {
  const bodies = new Map<string, readonly NamedUpload[]>();
  const uploads: Uploaded[] = [];

  /** The pipeline's own message. */
  function read(body: string): readonly NamedUpload[] {
    const { type, key, versionId, sequencer } = JSON.parse(body) as Record<string, string | undefined>;
    if (type !== 'millrace.dirty' || key === undefined) return [];
    const byVersion = versionId !== undefined && versionId !== 'null' && versionId !== '';
    const name = byVersion ? versionId : sequencer;
    const named = uploads.findLast(
      (each) => each.key === key && !!name && name === (byVersion ? each.versionId : each.sequencer),
    );
    return [{ key, ...(named === undefined ? {} : { upload: named.upload }) }];
  }

  return {
    uploaded: (upload) => void uploads.push(upload),
    made(body, named) {
      const before = bodies.get(body);
      // Two simultaneous uploads with equal contents and without ids have equal notifications, which identify neither.
      const unambiguous = named.map((each, index): NamedUpload => {
        return before === undefined || before[index]?.upload === each.upload ? each : { key: each.key };
      });
      bodies.set(body, unambiguous);
    },
    of(body) {
      const known = bodies.get(body) ?? read(body);
      bodies.set(body, known);
      return known;
    },
  };
}
