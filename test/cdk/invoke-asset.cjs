/**
 * Loads a function's asset with a plain import, as Lambda does, invokes it once with the event from standard input, and
 * writes the answer to file descriptor 3, because standard output has the function's own lines. Plain JavaScript,
 * because it also runs on another architecture's Node.
 */
const { readFileSync, writeSync } = require('node:fs');

const [, , asset] = process.argv;
const { handler } = require(asset);
const context = {
  awsRequestId: 'request',
  functionName: 'asset',
  getRemainingTimeInMillis: () => 100_000,
};
handler(JSON.parse(readFileSync(0, 'utf8')), context).then((answer) => {
  writeSync(3, JSON.stringify({ answer, architecture: process.arch }));
  process.exit(0);
});
