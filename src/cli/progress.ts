/** How far a job is. */
export interface Progress {
  total: number;
  converted: number;
  failed: number;
}

const REDRAW_MILLISECONDS = 100;
const LINE_MILLISECONDS = 5000;

/**
 * Shows progress on stderr: one live line on a terminal, a line now and then elsewhere.
 * @returns how to end it
 */
export function showProgress(progress: Progress, stream: NodeJS.WriteStream = process.stderr): () => void {
  const begun = performance.now();
  const live = stream.isTTY;
  const draw = () => {
    const text = describe(progress, (performance.now() - begun) / 1000);
    stream.write(live ? `\r\u001b[2K${text.slice(0, Math.max(20, stream.columns - 1))}` : `${text}\n`);
  };
  const timer = setInterval(draw, live ? REDRAW_MILLISECONDS : LINE_MILLISECONDS);
  return () => {
    clearInterval(timer);
    if (live) stream.write('\r\u001b[2K');
  };
}

function describe({ total, converted, failed }: Progress, seconds: number): string {
  const done = converted + failed;
  const rate = done / Math.max(seconds, 0.001);
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  const left = done === 0 || done === total ? '' : ` · ${duration((total - done) / rate)} left`;
  const failures = failed === 0 ? '' : ` · ${failed} failed`;
  return `${done} of ${total} (${percent} %)${failures} · ${rate.toFixed(1)} a second${left}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.ceil(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.ceil((seconds % 3600) / 60)} min`;
}
