import { duration } from '../src/cli/format.ts';
import { drainBoth, MEGAPIXELS, OBJECTS, type Drain } from './drain-scenario.ts';

const SAMPLES = 60;
const WIDTH = 720;
const HEIGHT = 380;
const AREA = { left: 92, right: 690, top: 62, bottom: 328 } as const;
const TICKS = 4;

/** Both color schemes have the same contrast. The second line is dashed, for readers who cannot distinguish colors. */
const STYLE = `
  svg { --page: #ffffff; --text: #1f2328; --grid: #d1d9e0; --millrace: #0757ba; --loop: #a04100; }
  @media (prefers-color-scheme: dark) {
    svg { --page: #0d1117; --text: #f0f6fc; --grid: #3d444d; --millrace: #58a6ff; --loop: #f0883e; }
  }
  .page { fill: var(--page); }
  text { fill: var(--text); font: 14px system-ui, sans-serif; }
  .title { font-size: 16px; font-weight: 600; }
  .grid { stroke: var(--grid); }
  polyline { fill: none; stroke-width: 2.5; }
  .millrace { stroke: var(--millrace); }
  .loop { stroke: var(--loop); stroke-dasharray: 7 4; }
  text.millrace, text.loop { stroke: none; font-weight: 600; }
  text.millrace { fill: var(--millrace); }
  text.loop { fill: var(--loop); }
`;

/** Plots how a queue of a million uploads drains, as SVG for light and dark. The same model produces the same bytes. */
export function drainPlot(concurrency: number): string {
  const { millrace, forLoop } = drainBoth(concurrency, SAMPLES);
  const minutes = Math.ceil(forLoop.drained.seconds / 60);
  const step = Math.ceil(minutes / 8);
  const xOf = (at: number) => AREA.left + ((AREA.right - AREA.left) * at) / (minutes * 60);
  const yOf = (objects: number) => AREA.bottom - ((AREA.bottom - AREA.top) * objects) / OBJECTS;
  const line = (name: string, { waiting }: Drain) =>
    `<polyline class="${name}" points="${waiting.map(({ seconds, objects }) => `${xOf(seconds).toFixed(1)},${yOf(objects).toFixed(1)}`).join(' ')}"/>`;
  /** Places a label beside its line, between two grid lines. */
  const label = (name: string, share: number, anchor: string, text: string, { waiting, drained }: Drain) => {
    const { seconds = 0 } = waiting.find(({ objects }) => objects < OBJECTS * share) ?? {};
    const x = xOf(seconds) + (anchor === 'end' ? -14 : 26);
    return `<text class="${name}" x="${x.toFixed(1)}" y="${yOf(OBJECTS * share) + 5}" text-anchor="${anchor}">${text}: ${duration(drained.seconds)}</text>`;
  };
  const rows = Array.from({ length: TICKS + 1 }, (_, tick) => (OBJECTS * tick) / TICKS).map(
    (objects) =>
      `<line class="grid" x1="${AREA.left}" x2="${AREA.right}" y1="${yOf(objects)}" y2="${yOf(objects)}"/>` +
      `<text x="${AREA.left - 8}" y="${yOf(objects) + 5}" text-anchor="end">${objects.toLocaleString('en')}</text>`,
  );
  const columns = Array.from({ length: Math.floor(minutes / step) + 1 }, (_, tick) => tick * step).map(
    (minute) =>
      `<text x="${xOf(minute * 60).toFixed(1)}" y="${AREA.bottom + 22}" text-anchor="middle">${minute}</text>`,
  );
  const title = `${MEGAPIXELS}-megapixel photos waiting, with up to ${concurrency.toLocaleString('en')} invocations`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${WIDTH}" height="${HEIGHT}" rx="8"/>`,
    `<text class="title" x="24" y="34">${title}</text>`,
    ...rows,
    ...columns,
    `<text x="${(AREA.left + AREA.right) / 2}" y="${AREA.bottom + 42}" text-anchor="middle">minutes after noon</text>`,
    line('millrace', millrace),
    line('loop', forLoop),
    label('millrace', 0.375, 'end', 'Millrace', millrace),
    label('loop', 0.625, 'start', 'for-loop handler', forLoop),
    '</svg>',
    '',
  ].join('\n');
}
