import type { Bucket, QueueNotification } from './bucket.ts';
import type { Version } from './version.ts';

/** The event name, without `s3:`. */
export type EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Post'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'
  | 'LifecycleExpiration:Delete'
  | 'LifecycleExpiration:DeleteMarkerCreated';

export function wants({ events, prefix, suffix }: QueueNotification, event: EventName, key: string): boolean {
  const name = `s3:${event}`;
  const named = events.some(
    (each) => each === name || (each.endsWith('*') && name.startsWith(each.slice(0, -1))),
  );
  return named && key.startsWith(prefix) && key.endsWith(suffix);
}

interface EventSource {
  region: string;
  requestId: string;
  at: number;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function eventBody(
  bucket: Bucket,
  version: Version,
  event: EventName,
  configurationId: string,
  source: EventSource,
): string {
  const { key, bytes, etag, versionId, sequence, deleteMarker } = version;
  const created = event.startsWith('ObjectCreated');
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: source.region,
        eventTime: new Date(source.at).toISOString(),
        eventName: event,
        userIdentity: { principalId: 'local' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': source.requestId, 'x-amz-id-2': source.requestId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId,
          bucket: {
            name: bucket.name,
            ownerIdentity: { principalId: 'local' },
            arn: `arn:aws:s3:::${bucket.name}`,
          },
          object: {
            key: formEncode(key),
            ...(created ? { size: bytes } : {}),
            ...(created || deleteMarker ? { eTag: etag } : {}),
            ...(versionId === 'null' ? {} : { versionId }),
            sequencer: sequence.toString(16).toUpperCase().padStart(18, '0'),
          },
        },
      },
    ],
  });
}

/** Returns the test event that S3 sends to a newly configured queue. */
export function testEventBody(bucket: string, requestId: string, at: number): string {
  const Time = new Date(at).toISOString();
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time,
    Bucket: bucket,
    RequestId: requestId,
    HostId: requestId,
  });
}

/** Form encoding: a space is a plus. S3 does not encode slashes. */
function formEncode(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
    .replaceAll(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
