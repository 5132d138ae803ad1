import { element, elementOf } from '../shared/dom.ts';

/**
 * A `<dialog>` in the page. Escape, its buttons with `data-close` and a click outside close it; the browser then
 * restores the focus.
 */
export function dialogOf(id: string, onClose: () => void = () => undefined): HTMLDialogElement {
  const dialog = elementOf(id, HTMLDialogElement);
  for (const button of dialog.querySelectorAll('[data-close]'))
    button.addEventListener('click', () => dialog.close());
  // Clicks on the backdrop, the scrollbar and empty areas all have the dialog as their target.
  dialog.addEventListener('mousedown', ({ target, clientX, clientY }) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const isInside = clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
    if (target === dialog && !isInside) dialog.close();
  });
  dialog.addEventListener('close', onClose);
  return dialog;
}

/** Opens a dialog with the focus on its heading, so that screen readers start there. */
export function show(dialog: HTMLDialogElement): void {
  dialog.showModal();
  dialog.scrollTop = 0;
  dialog.querySelector<HTMLElement>('h2')?.focus();
}

/** Shows an error, or nothing. */
export function say(id: string, text: string): void {
  const place = element(id);
  place.textContent = text;
  place.hidden = text === '';
}
