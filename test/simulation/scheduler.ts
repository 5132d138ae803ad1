import type { Random } from '@millrace/local-aws/models';
import type { Faults } from './faults.ts';
import type { Lambda } from './lambda.ts';
import type { Operators } from './operators.ts';
import type { Scenario } from './scenario.ts';
import { settled, settledWithTurn, type Steps } from './steps.ts';
import { passTime } from './time.ts';
import type { World } from './world.ts';

/** Decides what happens next, while anything can. */
export interface Scheduler {
  /** Runs until nothing more can happen or there is a violation, with these actions on the way. */
  rest(actions: readonly (() => string)[]): Promise<void>;
  /** The number of steps so far. */
  readonly taken: number;
}

interface SchedulerDeps {
  scenario: Scenario;
  world: World;
  steps: Steps;
  faults: Faults;
  lambda: Lambda;
  operators: Operators;
  random: Random;
  /** Called after each step. Returns the violation, if any. */
  check(): string | undefined;
  /** Sets the violation, or returns it. */
  violated(text?: string): boolean;
  onStep(line: string): void;
}

/** More steps than any run needs to come to rest: initially, and per action. */
const MOST_STEPS = { base: 20_000, action: 500 };
/** Sometimes lets a little time pass while others work. */
const CHANCE_OF_TIME = 0.03;
const HASTE_AT_REST = 3;
/**
 * Steps between turns of the event loop. Only a turn notices a rejection that nobody has handled yet, which would end
 * a worker's process; but it takes as long as a step, so most seeds take few.
 */
const STEPS_PER_TURN = 100;
const SEEDS_PER_CAREFUL_ONE = 10;

export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { scenario, world, steps, faults, lambda, operators, random, violated } = deps;
  const stepsPerTurn = scenario.seed % SEEDS_PER_CAREFUL_ONE === 0 ? 1 : STEPS_PER_TURN;
  const mostSteps = MOST_STEPS.base + MOST_STEPS.action * scenario.actions.length;
  let taken = 0;

  function crash(): string | undefined {
    const mortal = [...lambda.busy(), ...operators.busy()];
    if (mortal.length === 0 || !faults.strikes('crash')) return undefined;
    const process = mortal[Math.floor(random() * mortal.length)];
    if (process === undefined) return undefined;
    if ('disturbed' in process) {
      process.disturbed = true;
      lambda.kill(process);
    } else operators.kill(process);
    return `${process.name}: crashes`;
  }

  function next(remaining: (() => string)[]): string | undefined {
    const crashed = crash();
    if (crashed !== undefined) return crashed;
    const busy = lambda.busy();
    if (busy.length > 0 && faults.strikes('slow')) return passTime.slowly(world, lambda, random);
    if (faults.strikes('staleLock')) return world.table.holdLocks(3_600_000);
    if (busy.length > 0 && random() < CHANCE_OF_TIME) return passTime.alittle(world, lambda, random);
    const waits = steps.waiting > 0;
    const polls = lambda.canPoll();
    if (remaining.length > 0 && random() < scenario.haste) return remaining.shift()?.();
    if (waits && (!polls || random() < 0.8)) return steps.takeOne();
    if (polls) return lambda.poll();
    const [waiting] = [...busy, ...operators.busy()];
    if (waiting !== undefined) {
      const line = passTime.toNextEvent(world, busy.length > 0 ? undefined : random);
      if (line === undefined) violated(`${waiting.name} waits for nothing, and never ends`);
      return line;
    }
    // Either may come first: an action may find hidden messages, or messages that became dead letters.
    const acts = remaining.length > 0 && random() < HASTE_AT_REST * scenario.haste;
    return (acts ? undefined : passTime.toNextMessage(world)) ?? remaining.shift()?.();
  }

  return {
    get taken() {
      return taken;
    },

    async rest(actions) {
      const remaining = [...actions];
      while (!violated()) {
        const line = next(remaining);
        if (line === undefined) {
          if (world.conversion.visible() + world.retry.visible() > 0)
            violated('messages are left, and no event source receives them');
          return;
        }
        deps.onStep(line);
        await (taken % stepsPerTurn === 0 ? settledWithTurn() : settled());
        taken += 1;
        const wrong = deps.check() ?? (taken > mostSteps ? 'it does not come to rest' : undefined);
        if (wrong !== undefined) violated(wrong);
      }
    },
  };
}
