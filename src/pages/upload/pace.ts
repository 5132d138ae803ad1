/** Seconds over which the rate is measured: long enough to be stable, short enough to be current. */
const WINDOW_SECONDS = 15;

/** Measures the recent growth rate of a count. */
export function createPace(): { note(count: number, now: number): number } {
  const samples: { count: number; now: number }[] = [];
  return {
    /** @returns growth per second, over the last seconds */
    note(count, now) {
      const last = samples.at(-1);
      if (last === undefined || now - last.now >= 250) samples.push({ count, now });
      while (samples.length > 2 && now - (samples[0]?.now ?? now) > WINDOW_SECONDS * 1000) samples.shift();
      const [first] = samples;
      if (first === undefined || now - first.now < 500) return 0;
      return Math.max(0, ((count - first.count) * 1000) / (now - first.now));
    },
  };
}
