import type { Bucket } from '../bucket.ts';
import { eventBody, wants, type EventName } from '../notifications.ts';
import type { Version } from '../version.ts';
import { newId, type S3State } from './state.ts';

/** Sends an event about a version to the queues in the bucket's notification configuration. */
export function notify(state: S3State, bucket: Bucket, version: Version, event: EventName): void {
  for (const configuration of bucket.settings.notifications) {
    if (!wants(configuration, event, version.key)) continue;
    const source = { region: state.region, requestId: newId(state), at: state.clock.now() };
    state.deliver(configuration.queueArn, eventBody(bucket, version, event, configuration.id, source));
  }
}
