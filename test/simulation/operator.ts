import { fromQueue } from '../../src/ops/redrive/source.ts';
import type { Config } from '../../src/worker/config.ts';
import { createClients } from './clients.ts';
import type { Faults } from './faults.ts';
import type { Owner, Steps } from './steps.ts';
import type { World } from './world.ts';

/** Somebody who redrives all dead letters by the production code, in a process that may be killed at any step. */
export interface Operator {
  redrive(): string;
  /** Redrives that have not ended. */
  busy(): Owner[];
  kill(process: Owner): void;
  /** The dead letters of uploads that were moved so far, by how they became dead letters. */
  readonly moved: Moved;
}

export interface Moved {
  sentByWorker: number;
  movedBySqs: number;
}

interface OperatorDeps {
  world: World;
  steps: Steps;
  faults: Faults;
  config: Config;
}

export function createOperator({ world, steps, faults, config }: OperatorDeps): Operator {
  const running = new Set<Owner>();
  const deployment = {
    ...config,
    uploadBuckets: [...config.uploadBuckets],
    renditions: config.recipe.renditions.map(({ name }) => name),
  };
  const never = new AbortController().signal;
  const moved: Moved = { sentByWorker: 0, movedBySqs: 0 };
  let redrives = 0;

  return {
    moved,

    redrive() {
      redrives += 1;
      const owner: Owner = { name: `operator ${redrives}`, alive: true };
      const clients = createClients(owner, {
        world,
        steps,
        faults,
        onFault: () => undefined,
        onSent: () => undefined,
      });
      const moving = fromQueue({ ...clients, deployment }, {}).move({
        redrive: `redrive ${redrives}`,
        stop: never,
        onMoved: ({ id, objects }) => {
          // It is deleted after it was sent, unless another operator has deleted it.
          const letter = world.dead.get(id);
          if (letter === undefined || objects.length === 0) return;
          moved[letter.deadLetterSource === undefined ? 'sentByWorker' : 'movedBySqs'] += 1;
        },
      });
      running.add(owner);
      const end = () => void running.delete(owner);
      // What SQS refuses once too often ends the command; whoever ran it runs it again.
      moving.then(end, end);
      return `${owner.name}: redrives all dead letters`;
    },

    busy: () => [...running],

    kill(process) {
      running.delete(process);
      steps.bury(process);
    },
  };
}
