import { parseNotification } from '../../src/core/notification.ts';
import type { ObjectRef } from '../../src/core/object-ref.ts';

/**
 * Returns the objects that a message names: none if it is of another kind, such as S3's test event.
 * @throws Rejected if it is not a notification
 */
export function objectsIn(body: string): ObjectRef[] {
  const notification = parseNotification(body);
  return notification.kind === 'objects' ? notification.objects : [];
}
