import type { Random } from '@millrace/local-aws/models';
import type { Choose } from './schedule.ts';

/** Whoever waits for effects. A dead one never hears of them. */
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
 * All that has been asked for and has not happened yet. A request waits here until it takes effect, and its answer
 * waits here again until it arrives, so that everything else can happen in between.
 */
export interface Steps {
  readonly waiting: number;
  /** Resolves with what `apply` answers, or rejects with what it throws, some steps later. */
  effect<T>(owner: Owner, label: string, apply: () => T): Promise<T>;
  /** Lets one of the waiting steps happen. */
  takeOne(): string;
  /** Whether anything of this owner waits. */
  waitsFor(owner: Owner): boolean;
  /** The owner is gone: its requests may still take effect, and its answers arrive nowhere. */
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
        // What a dead process still does, it does for nobody.
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
      // A request that was on its way when its sender died may have arrived.
      steps = steps.filter(
        (step) => step.owner !== owner || (!step.label.endsWith('answered') && random() < 0.5),
      );
    },
  };
}

/** Resolves when all that could go on without a further step has gone on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
