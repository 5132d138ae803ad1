/** Serves listings in a separate process. The first argument is the number of keys. */
import { serveManyKeys } from '../../test/support/million-keys.ts';
import type { Served } from '../status.ts';

const { url, counts } = await serveManyKeys(Number(process.argv[2]));
process.send?.({ url, counts } satisfies Served);
