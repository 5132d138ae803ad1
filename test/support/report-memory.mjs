/** Imported into a process beforehand, it says at its end how much memory it took: kilobytes, on its last line of stderr. */
process.on('exit', () => process.stderr.write(`\nmaxRSS ${process.resourceUsage().maxRSS}\n`));
