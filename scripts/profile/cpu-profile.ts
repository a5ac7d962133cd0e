import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** V8's profile of the CPU, as Chromium's and other tools read it from a `.cpuprofile` file. */
export type CpuProfile = {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  /** The node of each sample, and the microseconds since the sample before. */
  samples: number[];
  timeDeltas: number[];
};

/** A function in the tree of calls; times are microseconds, `totalUs` with what it called. */
export type Frame = { name: string; place: string; selfUs: number; totalUs: number; children: Frame[] };

/** Frames of V8 in which nothing ran. */
const IDLE = new Set(['(idle)', '(program)']);

/** `broker/amqp/connection.ts:84`, `pg/lib/client.js:12`, `node:net:921`. */
const placeOf = (url: string, lineNumber: number, root: string): string => {
  if (url === '') return '';
  const path = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url;
  return `${path.replace(/^.*node_modules\//, '')}:${lineNumber + 1}`;
};

/** The tree of calls without idle time. @param root folder to which paths are relative */
export const frameTree = ({ nodes, samples, timeDeltas }: CpuProfile, root: string): Frame => {
  const selfUs = new Map<number, number>();
  samples.forEach((id, at) => selfUs.set(id, (selfUs.get(id) ?? 0) + Math.max(0, timeDeltas[at] ?? 0)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const frameOf = (id: number): Frame | null => {
    const node = byId.get(id);
    if (!node || IDLE.has(node.callFrame.functionName)) return null;
    const { functionName, url, lineNumber } = node.callFrame;
    const children = (node.children ?? []).map(frameOf).filter((child) => child !== null);
    const own = selfUs.get(id) ?? 0;
    return {
      name: functionName || '(anonymous)',
      place: placeOf(url, lineNumber, root),
      selfUs: own,
      totalUs: children.reduce((sum, { totalUs }) => sum + totalUs, own),
      children,
    };
  };
  const top = nodes[0] && frameOf(nodes[0].id);
  return top ?? { name: '(root)', place: '', selfUs: 0, totalUs: 0, children: [] };
};

export type Hot = { name: string; place: string; selfUs: number };

/** The functions with the most time of their own, the most first. */
export const hottest = (tree: Frame, count: number): Hot[] => {
  const found = new Map<string, Hot>();
  const visit = ({ name, place, selfUs, children }: Frame): void => {
    const key = `${name} ${place}`;
    found.set(key, { name, place, selfUs: selfUs + (found.get(key)?.selfUs ?? 0) });
    children.forEach(visit);
  };
  visit(tree);
  return [...found.values()].sort((a, b) => b.selfUs - a.selfUs).slice(0, count);
};
