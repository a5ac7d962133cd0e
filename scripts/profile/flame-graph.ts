import type { Frame } from './cpu-profile.ts';

const WIDTH_PX = 1_400;
const ROW_PX = 18;
/** A narrower frame cannot be seen. */
const NARROWEST_PX = 0.5;
const CHARACTER_PX = 6.6;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Ours, Node's, and packages differ in colour. */
const colourOf = (place: string): string => {
  if (place === '') return '#c9c9c9';
  if (place.startsWith('node:')) return '#a9c7e8';
  return /^(?:broker|services|shared|scripts)\//.test(place) ? '#f4b56a' : '#b7dba8';
};

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

/** A flame graph as SVG: callers above what they call; a pointer over a frame shows its time and place. */
export const flameGraph = (tree: Frame, title: string): string => {
  const pxPerUs = WIDTH_PX / Math.max(1, tree.totalUs);
  const rects: string[] = [];
  let depthMax = 0;
  const draw = ({ name, place, selfUs, totalUs, children }: Frame, leftPx: number, depth: number): void => {
    const widthPx = totalUs * pxPerUs;
    if (widthPx < NARROWEST_PX) return;
    depthMax = Math.max(depthMax, depth);
    const top = (depth + 2) * ROW_PX;
    const shares = `${percent(totalUs, tree.totalUs)}, of its own ${percent(selfUs, tree.totalUs)}`;
    const label = name.slice(0, Math.max(0, Math.floor(widthPx / CHARACTER_PX) - 1));
    rects.push(
      `<g><title>${escaped(`${name} ${place}\n${shares}`)}</title>` +
        `<rect x="${leftPx.toFixed(1)}" y="${top}" width="${widthPx.toFixed(1)}" height="${ROW_PX - 1}" ` +
        `fill="${colourOf(place)}"/>` +
        (label && `<text x="${(leftPx + 3).toFixed(1)}" y="${top + 13}">${escaped(label)}</text>`) +
        '</g>',
    );
    let childPx = leftPx;
    for (const child of children.toSorted((a, b) => b.totalUs - a.totalUs)) {
      draw(child, childPx, depth + 1);
      childPx += child.totalUs * pxPerUs;
    }
  };
  draw(tree, 0, 0);
  const heightPx = (depthMax + 3) * ROW_PX;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH_PX} ${heightPx}" ` +
    `font-family="monospace" font-size="11">` +
    `<rect width="100%" height="100%" fill="#fff"/>` +
    `<text x="3" y="16" font-size="13">${escaped(title)}</text>${rects.join('\n')}</svg>\n`
  );
};
