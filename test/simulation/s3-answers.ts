import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { AwsError } from '@millrace/local-aws/errors';
import type { Version } from '@millrace/local-aws/models';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { timingOf } from '../../src/core/timing.ts';
import { answerListing } from './s3-listing.ts';
import type { World } from './world.ts';

export interface Answering {
  label: string;
  /** Whether S3 may refuse it because another write of the key is in progress. */
  conditional?: boolean;
  /** Executes it, and returns or throws as the SDK does. */
  apply(): unknown;
}

/** S3's responses to the worker and the operators' tools. */
export function answerS3(
  command: unknown,
  world: World,
  transfer: () => Transfer = () => 'whole',
): Answering {
  const { s3 } = world;
  if (command instanceof HeadObjectCommand || command instanceof GetObjectCommand) {
    const { Bucket = '', Key = '' } = command.input;
    const head = command instanceof HeadObjectCommand;
    return {
      label: `${head ? 'HEAD' : 'GET'} ${Bucket}/${shown(Key)}`,
      apply: () =>
        translated(head, () => {
          const version = s3.find(s3.bucket(Bucket), Key);
          const found = describe(version);
          return head ? found : { ...found, Body: bodyOf(world.contentOf(version), world, transfer()) };
        }),
    };
  }
  if (command instanceof PutObjectCommand) {
    const {
      Bucket = '',
      Key = '',
      Body,
      Metadata = {},
      IfMatch,
      IfNoneMatch,
      ContentType = '',
    } = command.input;
    return {
      label: `PUT ${Bucket}/${shown(Key)}`,
      conditional: true,
      apply: () =>
        translated(false, () => {
          const bytes = typeof Body === 'string' ? Buffer.from(Body) : (Body as Uint8Array);
          const options = {
            metadata: Metadata,
            contentType: ContentType,
            ...(IfMatch === undefined ? {} : { ifMatch: IfMatch }),
            ...(IfNoneMatch === undefined ? {} : { ifNoneMatch: IfNoneMatch }),
          };
          return describe(world.put(s3.bucket(Bucket), Key, bytes, options));
        }),
    };
  }
  if (command instanceof DeleteObjectCommand) {
    const { Bucket = '', Key = '', IfMatch } = command.input;
    return {
      label: `DELETE ${Bucket}/${shown(Key)}`,
      conditional: IfMatch !== undefined,
      apply: () =>
        translated(false, () => {
          world.remove(s3.bucket(Bucket), Key, undefined, IfMatch === undefined ? {} : { ifMatch: IfMatch });
        }),
    };
  }
  if (command instanceof ListObjectsV2Command) {
    const { input } = command;
    return {
      label: `LIST ${input.Bucket}`,
      apply: () => translated(false, () => answerListing(input, world)),
    };
  }
  throw new Error('an unknown request to S3');
}

/** Without the random part of a redrive's id, which does not depend on the seed. */
function shown(key: string): string {
  return key.replace(/-[0-9a-f]{12}(?=[./])/, '');
}

export function s3Error(status: number): S3ServiceException {
  return new S3ServiceException({
    name: status === 409 ? 'ConditionalRequestConflict' : status === 503 ? 'SlowDown' : 'TimeoutError',
    $fault: 'server',
    message: `a simulated ${status}`,
    $metadata: status === 0 ? {} : { httpStatusCode: status },
  });
}

function translated<T>(head: boolean, apply: () => T): T {
  try {
    return apply();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const options = { message: error.message, $metadata: { httpStatusCode: error.status } };
    if (head && error.status === 404) throw new NotFound(options);
    if (error.code === 'NoSuchKey') throw new NoSuchKey(options);
    throw new S3ServiceException({ name: error.code, $fault: 'client', ...options });
  }
}

function describe({ etag, versionId, lastModified, metadata, bytes, headers }: Version) {
  return {
    ETag: `"${etag}"`,
    ...(versionId === 'null' ? {} : { VersionId: versionId }),
    // In whole seconds, as in HTTP.
    LastModified: new Date(Math.floor(lastModified / 1000) * 1000),
    Metadata: metadata,
    ContentLength: bytes,
    ContentType: headers['content-type'],
  };
}

/** How a body's bytes arrive. */
export type Transfer = 'whole' | 'fails' | 'stalls';

/** The longest that a client waits for the rest of a body. */
const LONGEST_READ_MILLISECONDS = timingOf(DEFAULT_RECIPE.limits).readSeconds * 1000;

function bodyOf(bytes: Uint8Array, world: World, transfer: Transfer) {
  const read = async () => {
    if (transfer === 'whole') return bytes;
    if (transfer === 'fails') {
      world.met('a body that fails');
      throw new Error('the connection was reset');
    }
    world.met('a body that stalls');
    await world.clock.sleep(LONGEST_READ_MILLISECONDS);
    throw Object.assign(new Error('the response took too long'), { name: 'TimeoutError' });
  };
  return {
    async *[Symbol.asyncIterator]() {
      yield await read();
    },
    transformToString: async () => Buffer.from(await read()).toString(),
    destroy: () => undefined,
  };
}
