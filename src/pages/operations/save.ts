/** Makes the browser download content that the page already has. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download keeps the content once it has started.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
