import type { SQSRecord } from 'aws-lambda';
import { Rejected } from '../core/errors.ts';
import { ignoringNames } from '../core/ignored.ts';
import { dirtyMessage, parseNotification, type Notification } from '../core/notification.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { Config } from './config.ts';
import { countOutcome } from './count-outcome.ts';
import type { SendDeadLetter } from './dead-letters.ts';
import { receiveCount } from './record.ts';
import type { Telemetry } from './telemetry.ts';

interface IntakeDeps {
  config: Config;
  sendDeadLetter: SendDeadLetter;
  telemetry: Telemetry;
}

/**
 * Returns the objects of this pipeline that a record is about, without ignored names; none for S3's test event and
 * other kinds of events. Sends unreadable records and objects of other buckets to the dead-letter queue first.
 */
export type Intake = (record: SQSRecord) => Promise<ObjectRef[]>;

export function createIntake({ config, sendDeadLetter, telemetry }: IntakeDeps): Intake {
  const isIgnoredName = ignoringNames(config.ignore);

  return async function intake(record) {
    let objects: ObjectRef[];
    try {
      objects = objectsOf(parseNotification(record.body));
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      await refuse(record, record.body, error);
      return [];
    }
    const own = objects.filter(({ bucket }) => config.uploadBuckets.includes(bucket));
    for (const foreign of objects.filter((object) => !own.includes(object))) {
      const message = `the bucket ${foreign.bucket} is not an upload bucket of this pipeline`;
      await refuse(record, dirtyMessage(foreign), new Rejected('notification.unknown_bucket', message));
    }
    // If results are deleted with their uploads, ignored uploads are checked too: they may be deleted.
    const ignored = config.whenDeleted === 'delete' ? [] : own.filter(({ key }) => isIgnoredName(key));
    for (const { bucket, key } of ignored)
      await telemetry.within({ bucket, key }, async () => countOutcome(telemetry, { kind: 'ignored' }));
    return own.filter((object) => !ignored.includes(object));
  };

  function objectsOf(notification: Notification): ObjectRef[] {
    switch (notification.kind) {
      case 'objects':
        return notification.objects;
      case 'test':
        telemetry.info('S3 tested the notification configuration');
        return [];
      case 'other':
        telemetry.info('nothing to convert', { event: notification.event });
        return [];
    }
  }

  async function refuse(record: SQSRecord, body: string, error: Rejected): Promise<void> {
    telemetry.warn('rejected', { code: error.code, reason: error.message });
    const { code, message } = error;
    await sendDeadLetter(record, body, { code, message, attempts: receiveCount(record) });
    countOutcome(telemetry, { kind: 'rejected', error });
  }
}
