/**
 * Loads a function's asset by a plain import, as Lambda does, invokes it once with the event on standard input, and
 * answers on file descriptor 3: standard output has the function's own lines. Plain JavaScript, because it also runs
 * on the Node of another architecture.
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
