import { hostname, userInfo } from 'node:os';

/** Returns the user and the machine that run the command, for the record. */
export function currentUser(): string {
  return `${userInfo().username}@${hostname()}`;
}
