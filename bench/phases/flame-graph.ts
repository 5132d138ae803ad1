import { escapeXml } from '../../src/worker/conversion/image/stamp.ts';
import { PHASES, type Frame, type Phase } from './frames.ts';

const WIDTH = 960;
const MARGIN = 16;
const TOP = 96;
const ROW = 22;
/** Narrower frames are left out. */
const LEAST = 1.5;
/** Width of a character of a label. */
const CHARACTER = 7;

export const PHASE_NAMES: Readonly<Record<Phase, string>> = {
  sdk: 'AWS SDK',
  node: 'Node.js',
  powertools: 'Powertools',
  millrace: 'Millrace',
  other: 'other packages',
  gc: 'garbage collection',
};

/** Background colors that black text can be read on, in both color schemes. */
const COLORS: Readonly<Record<Phase, string>> = {
  sdk: '#f5b36b',
  node: '#a9d18e',
  powertools: '#d6b4e8',
  millrace: '#8fbcf0',
  other: '#d9d9d9',
  gc: '#f2a0a0',
};

const STYLE = `
  svg { --page: #ffffff; --text: #1f2328; }
  @media (prefers-color-scheme: dark) { svg { --page: #0d1117; --text: #f0f6fc; } }
  .page { fill: var(--page); }
  text { fill: #1f2328; font: 12px system-ui, sans-serif; }
  .title { fill: var(--text); font-size: 16px; font-weight: 600; }
  .legend { fill: var(--text); }
  rect.frame { stroke: var(--page); }
${PHASES.map((phase) => `  .${phase} { fill: ${COLORS[phase]}; }`).join('\n')}
`;

/**
 * Draws a tree of frames as a flame graph, with the callers at the top.
 * @param milliseconds how long a frame took, from its microseconds
 */
export function flameGraph(
  root: Frame,
  title: string,
  milliseconds: (microseconds: number) => number,
): string {
  const scale = (WIDTH - 2 * MARGIN) / root.total;
  const boxes: string[] = [];
  let depth = 0;

  function draw(frame: Frame, left: number, row: number): void {
    const width = frame.total * scale;
    if (width < LEAST) return;
    depth = Math.max(depth, row);
    const y = TOP + row * ROW;
    const letters = Math.floor((width - 8) / CHARACTER);
    const label = frame.source.length <= letters ? frame.source : `${frame.source.slice(0, letters - 1)}…`;
    boxes.push(
      `<g><title>${escapeXml(frame.source)}: ${milliseconds(frame.total).toFixed(2)} ms</title>` +
        `<rect class="frame ${frame.phase}" x="${left.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}"/>` +
        (letters < 3 ? '' : `<text x="${(left + 4).toFixed(1)}" y="${y + 15}">${escapeXml(label)}</text>`) +
        '</g>',
    );
    let x = left;
    for (const each of [...frame.calls.values()].toSorted((a, b) => b.total - a.total)) {
      draw(each, x, row + 1);
      x += each.total * scale;
    }
  }

  draw(root, MARGIN, 0);
  const legend = PHASES.map((phase, index) => {
    const x = MARGIN + index * 150;
    return `<rect class="${phase}" x="${x}" y="56" width="14" height="14"/><text class="legend" x="${x + 20}" y="68">${PHASE_NAMES[phase]}</text>`;
  });
  const height = TOP + (depth + 1) * ROW + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}" rx="8"/>`,
    `<text class="title" x="${MARGIN}" y="34">${escapeXml(title)}</text>`,
    ...legend,
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}
