const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [120, 32];

/** Draws a series into an `<svg>` as a line with the area below it, from zero to its highest value. */
export function drawSparkline(svg: Element, values: readonly number[]): void {
  const highest = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((value, index) => {
    const y = HEIGHT - 1 - (value / highest) * (HEIGHT - 3);
    return `${(index * step).toFixed(1)},${y.toFixed(1)}`;
  });
  const line = points.length < 2 ? '' : `M${points.join('L')}`;
  if (svg.getAttribute('data-line') === line) return;
  svg.setAttribute('data-line', line);
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  // Stretched to the tile's width, without changing the line's width.
  svg.setAttribute('preserveAspectRatio', 'none');
  const area = line === '' ? '' : `${line}L${WIDTH},${HEIGHT}L0,${HEIGHT}Z`;
  svg.replaceChildren(path('area', area), path('line', line));
}

function path(className: string, d: string): SVGElement {
  const made = document.createElementNS(SVG, 'path');
  made.setAttribute('class', className);
  if (d !== '') made.setAttribute('d', d);
  return made;
}
