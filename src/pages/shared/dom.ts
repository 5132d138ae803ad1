/** @throws Error when the page has no such element, which is a mistake of the page's */
export function element(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`#${id}`);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** @throws Error if the page has no such element or it has another type */
export function elementOf<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = element(id);
  if (!(found instanceof type)) throw new Error(`#${id} is not a ${type.name}`);
  return found;
}

/** Writes text only where it differs, so that nothing is laid out or read out for nothing. */
export function write(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Brings the children of a list in line with its entries, by their ids. What stays is not touched, but by `update`;
 * neither are children without an id, such as the head of a table.
 */
export function keep<T>(
  list: HTMLElement,
  entries: readonly T[],
  idOf: (entry: T) => string,
  make: (entry: T) => HTMLElement,
  update?: (child: HTMLElement, entry: T) => void,
): void {
  const kept = [...list.children].filter(
    (child) => child instanceof HTMLElement && child.hasAttribute('data-id'),
  );
  const present = new Map(kept.map((child) => [child.getAttribute('data-id'), child as HTMLElement]));
  let place = kept[0] ?? null;
  for (const entry of entries) {
    const id = idOf(entry);
    let child = present.get(id);
    if (child === undefined) {
      child = make(entry);
      child.setAttribute('data-id', id);
    }
    update?.(child, entry);
    present.delete(id);
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
  }
  for (const child of present.values()) child.remove();
}

/** An element with a text in it: text, whatever it looks like. */
export function textIn(tag: string, className: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.textContent = content;
  return made;
}
