/** A function that writes to its log when it is loaded. */
process.stdout.write('loaded\n');
process.stderr.write('warned\n');

export const handler = () => Promise.resolve();
