import { bodyLimit } from 'hono/body-limit';
import { problem } from './problem.ts';

/** Below what Lambda takes and gives in one call, 6 MB, with the keys that `POST /uploads` adds to the names. */
const MAX_BODY_BYTES = 4_000_000;

/** Refuses larger bodies, also those that do not say how long they are. */
export const limitBodies = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    const detail = `the body has more than ${MAX_BODY_BYTES} bytes; send less in one call; files can be added to a batch`;
    const answer = problem(413, 'request.too_large', detail);
    // The rest of the body is not read, so that the connection is of no more use.
    answer.headers.set('connection', 'close');
    return answer;
  },
});
