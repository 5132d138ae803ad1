import { existsSync, readFileSync } from 'node:fs';

const STATUS = '/proc/self/status';
const STAT = '/proc/self/stat';
const TICKS_PER_SECOND = 100;

/**
 * Returns this process's peak memory so far, in bytes. On Linux, `resourceUsage` would report at least the usage of the
 * process that started this one.
 */
export function peakBytes(): number {
  if (!existsSync(STATUS)) return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(STATUS, 'utf8'))?.[1]) * 1024;
}

/** Returns the CPU seconds of this process and, on Linux, of its child processes that have exited. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1e6;
  if (!existsSync(STAT)) return own;
  const [cutime, cstime] = readFileSync(STAT, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(13, 15);
  return own + (Number(cutime) + Number(cstime)) / TICKS_PER_SECOND;
}
