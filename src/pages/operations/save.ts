/** Makes the browser download content that the page already has. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download holds on to the content by itself; it only needs to have begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
