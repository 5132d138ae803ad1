import type { Random } from '@millrace/local-aws/models';
import type { Choose } from './schedule.ts';

/** A process that waits for effects. A dead one never receives them. */
export interface Owner {
  readonly name: string;
  alive: boolean;
}

interface Step {
  owner: Owner;
  label: string;
  run(): void;
}

/**
 * All pending steps. A request waits here until it takes effect, and its response until it arrives, so that everything
 * else can happen in between.
 */
export interface Steps {
  readonly waiting: number;
  /** Resolves with the result of `apply`, or rejects with its error, some steps later. */
  effect<T>(owner: Owner, label: string, apply: () => T): Promise<T>;
  /** Executes one of the waiting steps. */
  takeOne(): string;
  /** Whether a step of this owner is waiting. */
  waitsFor(owner: Owner): boolean;
  /** The owner is gone: its requests may still take effect, but their responses are lost. */
  bury(owner: Owner): void;
}

export function createSteps(choose: Choose, random: Random): Steps {
  let steps: Step[] = [];

  return {
    get waiting() {
      return steps.length;
    },

    effect(owner, label, apply) {
      return new Promise((resolve, reject) => {
        const request = () => {
          let answer: () => void;
          try {
            const value = apply();
            answer = () => resolve(value);
          } catch (error) {
            answer = () => reject(error instanceof Error ? error : new Error(String(error)));
          }
          if (owner.alive) steps.push({ owner, label: `${label} answered`, run: answer });
        };
        // Later requests of a dead process have no effect.
        if (owner.alive) steps.push({ owner, label, run: request });
      });
    },

    takeOne() {
      const [step] = steps.length === 0 ? [] : steps.splice(choose(steps), 1);
      step?.run();
      return step === undefined ? '' : `${step.owner.name}: ${step.label}`;
    },

    waitsFor: (owner) => steps.some((step) => step.owner === owner),

    bury(owner) {
      owner.alive = false;
      // A request in flight when its sender died may have arrived.
      steps = steps.filter(
        (step) => step.owner !== owner || (!step.label.endsWith('answered') && random() < 0.5),
      );
    },
  };
}

/** Resolves when everything that can continue without a further step has done so: a tick runs after all microtasks. */
export function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** The same, but also lets the process handle what happened outside the simulation. It takes a system call. */
export function settledWithTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
