import type { Random } from '@millrace/local-aws/models';
import type { Fault, Scenario } from './scenario.ts';

/** Decides when faults occur, within the scenario's budget. */
export interface Faults {
  strikes(fault: Fault): boolean;
  /** Ends all faults. */
  end(): void;
  readonly struck: number;
}

export function createFaults({ rates, faultBudget }: Scenario, random: Random): Faults {
  let left = faultBudget;
  return {
    strikes(fault) {
      if (left === 0 || rates[fault] === 0 || random() >= rates[fault]) return false;
      left -= 1;
      return true;
    },
    end: () => void (left = 0),
    get struck() {
      return faultBudget - left;
    },
  };
}
