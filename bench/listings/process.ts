/** Serves listings of as many keys as the first argument says, in a process of its own. */
import { serveManyKeys } from '../../test/support/million-keys.ts';
import type { Served } from '../status.ts';

const { url, counts } = await serveManyKeys(Number(process.argv[2]));
process.send?.({ url, counts } satisfies Served);
