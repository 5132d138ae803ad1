import { hostname, userInfo } from 'node:os';

/** Who runs the command, for the record: the user and the machine. */
export function currentUser(): string {
  return `${userInfo().username}@${hostname()}`;
}
