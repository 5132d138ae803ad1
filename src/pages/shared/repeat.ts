export interface Repeating {
  /** Runs immediately, or as soon as the current run has ended. */
  now(): void;
}

/**
 * Runs a function repeatedly, with a pause after each run, but not while the page is hidden.
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
      // Polls a slow server less often.
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
