import type { Random } from '@millrace/local-aws/models';
import type { Lambda } from './lambda.ts';
import type { World } from './world.ts';

const A_LITTLE_MILLISECONDS = 5000;
/** While only operators are there, who wait. */
const IDLE_MILLISECONDS = 15_000;

/** When the next of the hidden messages is visible. */
function nextMessage({ clock, conversion, retry }: World): number {
  let next = Number.POSITIVE_INFINITY;
  for (const queue of [conversion, retry])
    for (const { visibleAt } of queue.all()) if (visibleAt > clock.now()) next = Math.min(next, visibleAt);
  return next;
}

/** The ways in which time passes. Each answers what it did, in words. */
export const passTime = {
  /** Not so much that an invocation would reach its timeout. */
  alittle({ clock }: World, lambda: Lambda, random: Random): string {
    const latest = Math.min(...lambda.busy().map((process) => lambda.deadline(process)));
    clock.moveTo(Math.min(clock.now() + random() * A_LITTLE_MILLISECONDS, latest - 1));
    return 'a little time passes';
  },

  /** Beyond every visibility timeout. Some invocations are killed for it; others were frozen, and go on. */
  slowly(world: World, lambda: Lambda, random: Random): string {
    const { clock } = world;
    for (const queue of [world.conversion, world.retry]) {
      for (const { id, visibleAt } of queue.all()) if (visibleAt > clock.now()) world.disturb(id);
    }
    for (const process of lambda.busy()) {
      process.disturbed = true;
      lambda.freeze(process);
    }
    clock.moveTo(clock.now() + 800_000);
    let killed = 0;
    for (const process of lambda.busy()) {
      if (random() < 0.5) continue;
      lambda.kill(process);
      killed += 1;
    }
    return `time passes beyond all visibility timeouts; ${killed} invocations are killed`;
  },

  /**
   * Until a message can be received, or somebody who waits for the time can go on. Returns undefined when neither will
   * be.
   * @param slowly whoever waits by a timer goes on some time later, so that polls twice a second are not thousands
   */
  toNextEvent(world: World, slowly?: Random): string | undefined {
    const { clock } = world;
    const message = nextMessage(world);
    const toMessage = message !== Number.POSITIVE_INFINITY && slowly !== undefined && slowly() < 0.5;
    if (!toMessage && clock.moveToTimer(message)) {
      clock.moveTo(Math.min(message, clock.now() + (slowly?.() ?? 0) * IDLE_MILLISECONDS));
      return 'time passes until a timer fires';
    }
    if (message === Number.POSITIVE_INFINITY) return undefined;
    clock.moveTo(message);
    return 'time passes until a message is visible';
  },

  /** Undefined when nothing is hidden. */
  toNextMessage(world: World): string | undefined {
    const next = nextMessage(world);
    if (next === Number.POSITIVE_INFINITY) return undefined;
    world.clock.moveTo(next);
    return 'time passes until a message is visible';
  },
};
