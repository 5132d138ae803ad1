/** @throws Error if the page does not have this element, which is a bug in the page */
export function element(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`#${id}`);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** @throws Error if the page does not have this element, or it has another type */
export function elementOf<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = element(id);
  if (!(found instanceof type)) throw new Error(`#${id} is not a ${type.name}`);
  return found;
}

/** Sets text only if it differs, to avoid unnecessary layout and announcements. */
export function write(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Updates a list's children to match its entries, by id; entries with the same id are told apart by a number. Existing
 * children are only changed by `update`; children without an id, such as a table's head, are not changed.
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
  const repeated = new Map<string, number>();
  for (const entry of entries) {
    const given = idOf(entry);
    const before = repeated.get(given) ?? 0;
    repeated.set(given, before + 1);
    const id = before === 0 ? given : `${given} ${before}`;
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

/** Creates an element with text, in which markup has no effect. */
export function textIn(tag: string, className: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.textContent = content;
  return made;
}
