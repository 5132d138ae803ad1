import { hostname, userInfo } from 'node:os';

/** Who runs the command, for the record: the user and the machine. */
export function whoAmI(): string {
  return `${userInfo().username}@${hostname()}`;
}
