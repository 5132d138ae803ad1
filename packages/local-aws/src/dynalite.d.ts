/** The part of dynalite that is used here; the package has no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** @param options.createTableMs milliseconds a table stays in the state CREATING */
  export default function dynalite(options: { createTableMs: number }): Server;
}
