import { REDRIVE_LIMITS } from '../../core/redrive-limits.ts';
import type { DeadLetterFilter, DeadLetterGroups, Redrive } from '../../contract/types.ts';
import { reasonOf } from '../shared/api.ts';
import { element, elementOf, textIn, write } from '../shared/dom.ts';
import * as words from '../shared/words.ts';
import { api } from './api.ts';
import { dialogOf, say, show } from './dialog.ts';

const RETRY = 'trying again can help';
const MEND = 'fails again unless you fixed the cause';

/**
 * Plans a redrive, asks for its settings, and starts it. Returns a function that opens the dialog.
 * @param onStarted called with the redrive and the number of dead letters to move
 */
export function createRedriveDialog(
  onStarted: (redrive: Redrive, planned: number) => void,
): (filter: DeadLetterFilter, what: string) => void {
  const dialog = dialogOf('redrive');
  const form = elementOf('redrive-form', HTMLFormElement);
  const start = elementOf('redrive-start', HTMLButtonElement);
  field('canary').max = String(REDRIVE_LIMITS.canary);
  field('rate').max = String(REDRIVE_LIMITS.rate);
  let asked: { filter: DeadLetterFilter; plan?: DeadLetterGroups } = { filter: {} };

  function draw(plan: DeadLetterGroups): void {
    const { groups, total, complete } = plan;
    const bound = complete ? '' : 'at least ';
    write(
      element('redrive-note'),
      total === 0
        ? 'Nothing to redrive: no dead letter in the queue matches.'
        : `This would move ${bound}${words.letters(total)}:`,
    );
    element('redrive-plan').replaceChildren(
      ...groups.map(({ code, count, retryCanHelp }) => {
        const row = document.createElement('li');
        row.append(
          textIn('b', 'figures', words.number(count)),
          textIn('span', 'name', code),
          textIn('span', retryCanHelp ? 'soft' : 'warning', retryCanHelp ? RETRY : MEND),
        );
        return row;
      }),
    );
    // A single dead letter is its own canary.
    element('redrive-pace').hidden = total < 2;
    start.disabled = total === 0;
  }

  function requestOf({ filter, plan }: typeof asked) {
    const one = (plan?.total ?? 0) < 2;
    const canary = field('canary').value;
    return {
      filter,
      ...(one || canary === '' ? {} : { canary: Number(canary) }),
      rate: Number(field('rate').value),
      stopIfFailing: Number(field('stop-if-failing').value) / 100,
      reason: field('reason').value.trim(),
    };
  }

  async function read(mine: typeof asked): Promise<void> {
    try {
      const planned = await api.plan(mine.filter);
      if (asked !== mine) return;
      mine.plan = planned;
      draw(planned);
    } catch (error) {
      if (asked !== mine) return;
      write(element('redrive-note'), '');
      say('redrive-problem', reasonOf(error));
    }
  }

  async function begin({ total }: DeadLetterGroups): Promise<void> {
    start.disabled = true;
    say('redrive-problem', '');
    try {
      const redrive = await api.redrive(requestOf(asked));
      dialog.close();
      onStarted(redrive, total);
    } catch (error) {
      say('redrive-problem', reasonOf(error));
      start.disabled = false;
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (asked.plan !== undefined) void begin(asked.plan);
  });

  return (filter, what) => {
    const mine = { filter };
    asked = mine;
    write(element('redrive-title'), `Redrive ${what}`);
    write(element('redrive-note'), 'Counting the dead letters…');
    element('redrive-plan').replaceChildren();
    element('redrive-pace').hidden = true;
    // A hidden field with a wrong value would keep the browser from sending the form.
    form.reset();
    say('redrive-problem', '');
    start.disabled = true;
    show(dialog);
    void read(mine);
  };
}

function field(id: string): HTMLInputElement {
  return elementOf(id, HTMLInputElement);
}
