/** A page's size in points, and the color of its lower half, such as `1 0 0` for red. The upper half is white. */
export interface Page {
  width: number;
  height: number;
  color: string;
}

/** Creates a PDF. One with a password cannot be opened with any password. */
export function pdf(pages: readonly Page[], { needsPassword = false } = {}): Buffer {
  const kids = pages.map((_, index) => `${3 + index * 2} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
  ];
  for (const { width, height, color } of pages) {
    const drawing = `${color} rg 0 0 ${width} ${height / 2} re f`;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents ${objects.length + 2} 0 R >>`,
      `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    );
  }
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const keys = `<${'00'.repeat(32)}>`;
  const encryption = `/Encrypt << /Filter /Standard /V 1 /R 2 /O ${keys} /U ${keys} /P -4 >> /ID [<00> <00>]`;
  return Buffer.from(
    `${text}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}` +
      `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${needsPassword ? encryption : ''} >>\nstartxref\n${text.length}\n%%EOF`,
  );
}
