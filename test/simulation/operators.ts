import type { Deployment } from '../../src/core/deployment.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { createClients } from './clients.ts';
import type { Faults } from './faults.ts';
import type { Owner, Steps } from './steps.ts';
import type { World } from './world.ts';

/** Operators and scheduled jobs that run an operation with the production code, each in a separate process. */
export interface Operators {
  /**
   * Starts an operation, which may be killed at any step. Returns a description.
   * @param onRequest called with each S3 request when S3 receives it; the returned function, when it took effect
   */
  start(
    what: string,
    run: (ops: OpsContext, owner: Owner) => Promise<unknown>,
    onRequest?: (owner: Owner, command: unknown) => (() => void) | undefined,
  ): string;
  /** Processes with a running operation. */
  busy(): Owner[];
  kill(process: Owner): void;
}

interface OperatorsDeps {
  world: World;
  steps: Steps;
  faults: Faults;
  /** Returns the current deployment, as an operation reads it at its start. */
  deployment(): Deployment;
  /** Called if an operation fails although AWS refused none of its requests. */
  onViolation(text: string): void;
}

export function createOperators(deps: OperatorsDeps): Operators {
  const { world, steps, faults, deployment, onViolation } = deps;
  const running = new Set<Owner>();
  let started = 0;

  return {
    start(what, run, onRequest) {
      started += 1;
      const owner: Owner = { name: `operator ${started}`, alive: true };
      let isStruck = false;
      const onFault = () => void (isStruck = true);
      const onSending = () => () => undefined;
      const watched = onRequest && { onRequest: (command: unknown) => onRequest(owner, command) };
      const clients = createClients(owner, { world, steps, faults, onFault, onSending, ...watched });
      running.add(owner);
      const end = () => void running.delete(owner);
      run({ ...clients, deployment: deployment() }, owner).then(end, (error: unknown) => {
        end();
        // The command ends if AWS refuses too often; the operator runs it again.
        if (!isStruck) onViolation(`${owner.name}: ${what} failed for no reason: ${String(error)}`);
      });
      return `${owner.name}: ${what}`;
    },

    busy: () => [...running],

    kill(process) {
      running.delete(process);
      steps.bury(process);
    },
  };
}
