/** Sets a property, whatever it is inherited from. Returns a function that restores it. */
export function define(object: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(object, name);
    else Object.defineProperty(object, name, before);
  };
}

/** Runs a command in this process as if its outputs were terminals. */
export async function onTerminalHere<T>(run: () => Promise<T>): Promise<T> {
  const restore = [define(process.stdout, 'isTTY', true), define(process.stderr, 'isTTY', true)];
  restore.push(define(process.stderr, 'columns', 120));
  try {
    return await run();
  } finally {
    for (const each of restore) each();
  }
}
