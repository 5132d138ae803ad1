import type { Random } from '@millrace/local-aws/models';
import type { Transfer } from './s3-answers.ts';
import type { Fault, Scenario } from './scenario.ts';

/** Decides when faults occur, within the scenario's budget. */
export interface Faults {
  strikes(fault: Fault): boolean;
  /** How a body struck by `bodyFails` arrives. */
  readonly failingBody: Transfer;
  /** Ends all faults. */
  end(): void;
  readonly struck: number;
}

export function createFaults({ rates, faultBudget, bodiesStall }: Scenario, random: Random): Faults {
  let left = faultBudget;
  return {
    failingBody: bodiesStall === true ? 'stalls' : 'fails',
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
