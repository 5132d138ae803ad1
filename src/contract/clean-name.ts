/**
 * Returns the path of a file as the end of a key: slashes whichever way they leaned, no empty, `.` or `..` parts,
 * composed characters (macOS decomposes them), and no control characters, which XML and terminals have no place for.
 * Empty when nothing is left. The upload page uses it too, to recognize a file that the batch already has.
 *
 * S3 replaces `${filename}` in every field of a form by the name of the file that comes with it, and knows no escape.
 * A key that holds it cannot be uploaded by a form.
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
