import type { Redrive } from '../../contract/types.ts';
import { element, keep, textIn, write } from '../shared/dom.ts';
import * as words from '../shared/words.ts';
import { isRunning, silenceOf, type Seen } from './watch.ts';

const STATES: Readonly<Record<Redrive['state'], string>> = {
  running: 'Running',
  done: 'Done',
  stopped: 'Stopped',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
  failed: 'Failed',
  'handed over': 'Handed over to SQS',
};

/** The bar's parts, in order, with their names. */
const PARTS = {
  converted: 'Converted',
  failedAgain: 'Failed again',
  gone: 'Gone',
  pending: 'Pending',
} as const;
const PART_CLASSES = {
  converted: 'done',
  failedAgain: 'failed',
  gone: 'gone',
  pending: 'converting',
} as const;

/** The latest redrives, each with its bar. */
export interface RedriveRows {
  draw(seen: Seen): void;
  /** Returns how many dead letters a redrive will move. */
  plan(id: string, letters: number): void;
}

export function createRedriveRows(cancel: (redrive: Redrive) => void): RedriveRows {
  const planned = new Map<string, number>();
  const updaters = new WeakMap<HTMLElement, (redrive: Redrive) => void>();

  function makeRow(first: Redrive): HTMLElement {
    const row = document.createElement('li');
    const state = textIn('span', 'state', '');
    const title = textIn('p', 'name', first.what);
    const facts = textIn('p', 'soft', '');
    const reason = textIn('p', 'warning', '');
    const { bar, update: updateBar } = makeBar(first.what);
    const numbers = textIn('p', 'figures', '');
    const stop = textIn('button', 'quiet', 'Cancel') as HTMLButtonElement;
    stop.type = 'button';
    stop.ariaLabel = `Cancel the redrive of ${first.what}`;
    const head = textIn('div', 'row', '');
    head.append(title, state);
    row.append(head, facts, bar, numbers, reason, stop);
    let current = first;
    stop.addEventListener('click', () => cancel(current));
    updaters.set(row, (redrive) => {
      current = redrive;
      const { who, why, startedAt, cancelRequested } = redrive;
      const running = isRunning(redrive);
      const cancelling = running && cancelRequested;
      write(state, cancelling ? 'Cancelling…' : STATES[redrive.state]);
      row.dataset.state = redrive.state;
      write(facts, [`${words.moment(startedAt)} by ${who}`, ...(why === '' ? [] : [why])].join(' · '));
      write(reason, redrive.reason ?? describeSilence(redrive));
      reason.hidden = reason.textContent === '';
      updateBar(redrive, planned.get(redrive.id) ?? 0);
      write(numbers, describe(redrive));
      stop.hidden = !running;
      stop.disabled = cancelling;
    });
    return row;
  }

  return {
    plan: (id, letters) => planned.set(id, letters),
    draw({ redrives, moveTasks }) {
      element('redrives').hidden = redrives.length + moveTasks.length === 0;
      keep(
        element('redrive-list'),
        redrives,
        ({ id }) => id,
        makeRow,
        (row, redrive) => updaters.get(row)?.(redrive),
      );
      const tasks = moveTasks.map(({ status, moved, toMove, reason }) => {
        const why = reason === undefined ? '' : `: ${reason}`;
        return `SQS move task: ${status}, ${words.number(moved)} of ${words.number(toMove)} moved${why}`;
      });
      keep(
        element('move-tasks'),
        tasks,
        (text) => text,
        (text) => textIn('li', 'soft figures', text),
      );
    },
  };
}

export function describe({ counts }: Redrive): string {
  const parts = Object.entries(PARTS).flatMap(([part, name]) => {
    const count = counts[part as keyof typeof PARTS];
    return part === 'gone' && count === 0 ? [] : [`${words.number(count)} ${name.toLowerCase()}`];
  });
  return [`${words.number(counts.moved)} moved`, ...parts].join(' · ');
}

function describeSilence(redrive: Redrive): string {
  const silence = silenceOf(redrive);
  return silence === undefined
    ? ''
    : `No progress reported for ${words.age(silence)}: the process may have died.`;
}

function makeBar(what: string) {
  const bar = textIn('div', 'track', '');
  bar.role = 'progressbar';
  bar.ariaLabel = `Progress of ${what}`;
  bar.ariaValueMin = '0';
  bar.ariaValueMax = '100';
  const parts = Object.entries(PART_CLASSES).map(([part, className]) => {
    const made = textIn('span', `part ${className}`, '');
    bar.append(made);
    return [part as keyof typeof PARTS, made] as const;
  });
  return {
    bar,
    update(redrive: Redrive, planned: number) {
      const { counts } = redrive;
      // A completed redrive moves no more.
      const whole = Math.max(1, counts.moved, isRunning(redrive) ? planned : 0);
      for (const [part, made] of parts) made.style.width = `${(counts[part] / whole) * 100}%`;
      const ended = counts.converted + counts.failedAgain + counts.gone;
      bar.ariaValueNow = String(Math.floor((ended / whole) * 100));
      bar.ariaValueText = describe(redrive);
    },
  };
}
