import type { OpsContext } from '../../../src/ops/context.ts';
import { fromQueue } from '../../../src/ops/redrive/choose.ts';
import type { World } from '../world.ts';

/** The number of uploads' dead letters moved so far, by origin. */
export interface Moved {
  sentByWorker: number;
  movedBySqs: number;
}

/** Moves all dead letters to the retry queue, without following them. */
export function createRedriveAll(world: World) {
  const moved: Moved = { sentByWorker: 0, movedBySqs: 0 };
  const never = new AbortController().signal;
  let redrives = 0;

  return {
    moved,

    run(ops: OpsContext): Promise<void> {
      redrives += 1;
      return fromQueue(ops, {}).move({
        redrive: `redrive ${redrives}`,
        stop: never,
        onRefused: () => undefined,
        onMoved: ({ id, objects }) => {
          // Deleted after it was sent, unless another operator has deleted it.
          const letter = world.dead.get(id);
          if (letter === undefined || objects.length === 0) return;
          moved[letter.deadLetterSource === undefined ? 'sentByWorker' : 'movedBySqs'] += 1;
        },
      });
    },
  };
}

export type RedriveAll = ReturnType<typeof createRedriveAll>;
