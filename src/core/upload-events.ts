import type { Deployment } from './deployment.ts';

/** Types of S3 events that notify the conversion queue of uploads. */
const CREATED = ['s3:ObjectCreated:*'] as const;
/** Types for deletions, by requests and by lifecycle rules. */
const REMOVED = ['s3:ObjectRemoved:*', 's3:LifecycleExpiration:*'] as const;

type EventType = (typeof CREATED | typeof REMOVED)[number];

/** Returns the types of S3 events that notify the conversion queue. */
export function uploadEvents({ whenDeleted }: Pick<Deployment, 'whenDeleted'>): EventType[] {
  return whenDeleted === 'delete' ? [...CREATED, ...REMOVED] : [...CREATED];
}
