import type { Random } from '@millrace/local-aws/models';
import type { Naming } from './scenario.ts';

interface S3Event {
  Records: {
    eventName: string;
    eventTime: string;
    awsRegion: string;
    s3: {
      bucket: { name: string };
      object: { key: string; size?: number; eTag?: string; versionId?: string; sequencer: string };
    };
  }[];
}

/** Delivers a notification directly, through SNS or through EventBridge. */
export function envelope(body: string, random: Random): string {
  const draw = random();
  if (draw < 0.6) return body;
  if (draw < 0.8) return JSON.stringify({ Type: 'Notification', MessageId: 'm', Message: body });
  return eventBridge(body);
}

/** EventBridge's event for the same upload, with an unencoded key. */
function eventBridge(body: string): string {
  const [record] = (JSON.parse(body) as S3Event).Records;
  if (record === undefined) throw new Error('a notification without a record');
  const { bucket, object } = record.s3;
  return JSON.stringify({
    version: '0',
    id: 'e',
    'detail-type': isDeletion(record.eventName) ? 'Object Deleted' : 'Object Created',
    source: 'aws.s3',
    time: record.eventTime,
    region: record.awsRegion,
    detail: {
      version: '0',
      bucket,
      object: {
        key: decodeURIComponent(object.key.replaceAll('+', ' ')),
        size: object.size,
        etag: object.eTag,
        ...(object.versionId === undefined ? {} : { 'version-id': object.versionId }),
        sequencer: object.sequencer,
      },
      reason: 'PutObject',
    },
  });
}

function isDeletion(eventName: string): boolean {
  return eventName.startsWith('ObjectRemoved:');
}

/** Combines two notifications in one message. */
export function together(first: string, second: string): string {
  const records = [first, second].flatMap((body) => (JSON.parse(body) as S3Event).Records);
  return JSON.stringify({ Records: records });
}

/** Returns a notification with one S3 variant's ids for the upload, and these ids. */
export function named(event: string, naming: Naming) {
  const { Records } = JSON.parse(event) as S3Event;
  const [record] = Records;
  if (record === undefined) throw new Error('a notification without a record');
  const { object } = record.s3;
  if (naming !== 'own' && object.versionId === undefined) object.versionId = naming === 'null' ? 'null' : '';
  if (naming === 'empty') object.sequencer = '';
  const { versionId = '', sequencer } = object;
  const key = decodeURIComponent(object.key.replaceAll('+', ' '));
  return {
    body: JSON.stringify({ Records }),
    key,
    versionId,
    sequencer,
    deleted: isDeletion(record.eventName),
  };
}
