import { readFileSync } from 'node:fs';

/**
 * Returns the peak memory so far of the worker process of a pipeline in this process, in bytes. Linux only.
 * @throws Error unless there is exactly one
 */
export function peakMemoryOfWorker(): number {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ');
  const workers = children.filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/program/worker.js'),
  );
  if (workers.length !== 1) throw new Error(`expected one worker, found ${workers.length}`);
  const status = readFileSync(`/proc/${workers[0]}/status`, 'utf8');
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
