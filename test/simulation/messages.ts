import { parseNotification } from '../../src/core/notification.ts';

/** The keys that the body of a message speaks of; none when it is no notification. */
export function keysIn(body: string): string[] {
  try {
    const notification = parseNotification(body);
    return notification.kind === 'objects' ? notification.objects.map(({ key }) => key) : [];
  } catch {
    return [];
  }
}
