/**
 * Returns a file's path as the end of a key: with forward slashes, without empty, `.` or `..` segments, with composed
 * characters (macOS decomposes them), and without control characters, which XML and terminals do not support. Empty if
 * nothing is left. The upload page also uses it, to recognize files that the batch already has.
 *
 * S3 replaces `${filename}` in every field of a form with the file's name, and has no escape for it. A key that
 * contains it cannot be uploaded with a form.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/HTTPPOSTForms.html
 */
export function cleanName(name: string): string {
  return name
    .normalize('NFC')
    .replaceAll('\\', '/')
    .replaceAll(/\p{Cc}/gu, '_')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/')
    .replaceAll('${filename}', () => '$_{filename}');
}
