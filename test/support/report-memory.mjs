import { existsSync, readFileSync } from 'node:fs';

/** Imported into a process beforehand, it says at its end how much memory it took: kilobytes, on its last line of stderr. */
process.on('exit', () => process.stderr.write(`\nmaxRSS ${highWaterMark()}\n`));

/** On Linux, the usage that the system reports is at least that of the process it was started from. */
function highWaterMark() {
  if (!existsSync('/proc/self/status')) return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
}
