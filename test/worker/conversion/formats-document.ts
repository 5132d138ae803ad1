import { markdownTable } from '../../support/markdown-table.ts';
import type { FormatCase } from '../../support/formats/format-case.ts';

/** Returns the text of docs/formats.md. */
export function formatsDocument(cases: readonly FormatCase[]): string {
  return `# Which images are converted

The first bytes of an upload decide its format; its name and declared type do not count. Each row is a test: \`test/support/formats\` makes a file with the feature, and \`test/worker/conversion/formats.test.ts\` converts it and checks the result. \`npx vitest run test/worker/conversion/formats.test.ts -u\` writes this page.

- **converted**: the result shows what the format's usual viewers show, upright and in sRGB.
- **converted with a loss**: the result shows the picture, but lacks what the last column names.
- **refused**: there is no result, and the failure has this [code](runbook.md). \`image.corrupt\` is for damage; \`image.unsupported_format\` names what Millrace cannot read.

For a PDF, the result shows one page, drawn at the size that the recipe specifies. Its original size is its size at 300 pixels per inch ([renditions.md](renditions.md#pages-of-a-tiff-or-pdf)).

${markdownTable(['format', 'feature', 'outcome', 'lost'], cases.map(row))}`;
}

function row({ format, feature, expected }: FormatCase): string[] {
  if ('refused' in expected) return [format, feature, `refused: \`${expected.refused}\``, ''];
  const { loss = '' } = expected;
  return [format, feature, loss === '' ? 'converted' : 'converted with a loss', loss];
}
