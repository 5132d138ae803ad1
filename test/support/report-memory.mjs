import { existsSync, readFileSync } from 'node:fs';

/** When imported into a process, prints its peak memory at exit: kilobytes, on the last line of stderr. */
process.on('exit', () => process.stderr.write(`\nmaxRSS ${highWaterMark()}\n`));

/** On Linux, `resourceUsage` reports at least the usage of the process that started this one. */
function highWaterMark() {
  if (!existsSync('/proc/self/status')) return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
}
