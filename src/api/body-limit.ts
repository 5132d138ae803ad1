import { bodyLimit } from 'hono/body-limit';
import { LIMITS } from '../contract/limits.ts';
import { problem } from './problem.ts';

/** Refuses larger bodies, including those without a declared length. */
export const limitBodies = bodyLimit({
  maxSize: LIMITS.bodyBytes,
  onError: () => {
    const detail = `the body has more than ${LIMITS.bodyBytes} bytes; send less in one call; files can be added to a batch`;
    const answer = problem(413, 'request.too_large', detail);
    // The rest of the body is not read, so the connection cannot be reused.
    answer.headers.set('connection', 'close');
    return answer;
  },
});
