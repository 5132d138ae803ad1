import type { Action } from './scenario.ts';
import type { World } from './world.ts';

/** Does what a scenario says, at once, and answers it in words. */
export function act(action: Action, world: World): string {
  switch (action.kind) {
    case 'upload':
      world.put(world.uploads, action.key, Buffer.from(action.content));
      return `${action.content} is uploaded to ${action.key}`;
    case 'delete':
      world.s3.delete(world.uploads, action.key, undefined, {});
      return `${action.key} is deleted`;
    case 'junk':
      world.sqs.send(world.conversion, { body: '{"no":"notification"}' });
      return 'junk is sent';
    case 'redrive':
      return redriveAll(world);
  }
}

/** Moves the dead letters to the retry queue, as the redrive command does: send, then delete. */
export function redriveAll({ sqs, dead, retry }: World): string {
  const letters = [...dead.all()];
  for (const { id, body, attributes } of letters) {
    sqs.send(retry, { body, attributes });
    dead.delete(id);
  }
  return `${letters.length} dead letters are redriven`;
}
