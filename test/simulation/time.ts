import type { Random } from '@millrace/local-aws/models';
import type { Lambda } from './lambda.ts';
import type { World } from './world.ts';

const A_LITTLE_MILLISECONDS = 5000;
/** While there are only waiting operators. */
const IDLE_MILLISECONDS = 15_000;

/** Returns when the next hidden message becomes visible. */
function nextMessage({ clock, conversion, retry }: World): number {
  let next = Number.POSITIVE_INFINITY;
  for (const queue of [conversion, retry])
    for (const { visibleAt } of queue.all()) if (visibleAt > clock.now()) next = Math.min(next, visibleAt);
  return next;
}

/** The ways in which time passes. Each returns a description. */
export const passTime = {
  /** Not enough for an invocation to reach its timeout. */
  alittle({ clock }: World, lambda: Lambda, random: Random): string {
    const latest = Math.min(...lambda.busy().map((process) => lambda.deadline(process)));
    clock.moveTo(Math.min(clock.now() + random() * A_LITTLE_MILLISECONDS, latest - 1));
    return 'a little time passes';
  },

  /** Beyond every visibility timeout. Some invocations are killed; others were frozen and continue. */
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
   * Advances until a message can be received, or a process waiting for a timer can continue. Returns undefined if
   * neither will happen.
   * @param slowly lets timers fire somewhat later, so that polling twice a second does not take thousands of steps
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

  /** Undefined if nothing is hidden. */
  toNextMessage(world: World): string | undefined {
    const next = nextMessage(world);
    if (next === Number.POSITIVE_INFINITY) return undefined;
    world.clock.moveTo(next);
    return 'time passes until a message is visible';
  },
};
