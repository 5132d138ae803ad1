import { seededRandom } from '@millrace/local-aws/models';

const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  '"Mozilla/5.0 (Macintosh; Intel Mac OS X 15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"',
  'curl/8.17.0',
  'Googlebot/2.1 (+http://www.google.com/bot.html)',
];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT'];
const STATUSES = [200, 200, 200, 304, 404, 500];
const PLACES = ['Zürich', 'Oslo', 'São Paulo', ''];
const ROWS_A_CHUNK = 500;

/** Yields an access log of this many bytes as CSV, in chunks. It is the same each time. */
export function* accessLog(bytes: number): Generator<Buffer> {
  const random = seededRandom(1);
  const below = (limit: number) => Math.floor(random() * limit);
  const one = <T>(list: readonly T[]) => list[below(list.length)];
  let made = 0;
  let seconds = 1_767_225_600;
  let text = 'at,method,path,status,bytes,seconds,place,agent\n';
  while (made < bytes) {
    for (let row = 0; row < ROWS_A_CHUNK; row += 1) {
      seconds += random();
      const at = new Date(Math.round(seconds * 1000)).toISOString();
      const path = `/products/${below(1_000_000)}/reviews?page=${below(40)}`;
      text += `${at},${one(METHODS)},${path},${one(STATUSES)},${below(100_000)},${(random() * 3).toFixed(3)},${one(PLACES)},${one(AGENTS)}\n`;
    }
    const chunk = Buffer.from(text);
    made += chunk.byteLength;
    yield chunk;
    text = '';
  }
}
