import { duration } from './format.ts';
import { drawLive, hint, isLive } from './output.ts';

const REDRAW_MILLISECONDS = 100;
const LINE_MILLISECONDS = 5000;

/**
 * Shows progress on stderr: a live line on a terminal, occasional lines elsewhere.
 * @returns a function that ends it
 */
export function showProgress(describe: () => string): () => void {
  const live = isLive();
  const draw = () => (live ? drawLive : hint)(describe());
  const timer = setInterval(draw, live ? REDRAW_MILLISECONDS : LINE_MILLISECONDS);
  return () => {
    clearInterval(timer);
    if (live) drawLive('');
  };
}

/** Describes progress without a total: how much is done and how fast. */
export function describeCount(done: number, seconds: number): string {
  return `${done} · ${(done / Math.max(seconds, 0.001)).toFixed(1)} per second`;
}

/** Describes how much of a total is done, how fast, and how long the rest takes. */
export function describeRate(done: number, total: number, seconds: number): string {
  const rate = done / Math.max(seconds, 0.001);
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  const left = done === 0 || done === total ? '' : ` · ${duration((total - done) / rate)} left`;
  return `${done} of ${total} (${percent} %) · ${rate.toFixed(1)} per second${left}`;
}
