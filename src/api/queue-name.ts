/** The name of a queue: the end of its URL. */
export function queueName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
