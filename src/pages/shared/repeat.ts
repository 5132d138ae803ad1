export interface Repeating {
  /** Looks at once, or as soon as the look that is under way has ended. */
  now(): void;
}

/**
 * Looks again and again: the next time when the last one has ended and a pause is over, and not at all while nobody
 * sees the page.
 * @param pause milliseconds
 */
export function repeat(look: () => Promise<void>, pause: () => number): Repeating {
  let asked = false;
  let goOn: () => void = () => undefined;

  async function rest(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    while (document.hidden) await new Promise<void>((resolve) => (goOn = resolve));
  }

  async function run(): Promise<void> {
    for (;;) {
      asked = false;
      const begun = performance.now();
      await look();
      // A slow server is asked less often.
      if (!asked || document.hidden) await rest(Math.max(pause(), 2 * (performance.now() - begun)));
    }
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) goOn();
  });
  void run();
  return {
    now() {
      asked = true;
      goOn();
    },
  };
}
