import {
  CALL_OUTCOMES,
  FILE_SOURCES,
  type FigureKind,
  type Sample,
} from '../../../shared/contracts/analytics.ts';
import { CONTRACTS } from '../../../shared/contracts/all.ts';
import { OTHER } from '../../../shared/contracts/page-name.ts';
import { PAGE_NAMES } from '../../../shared/contracts/page-names.ts';
import { PAGES } from '../../../shared/contracts/pages.ts';
import type { Scheme } from './histogram.ts';

/** What a figure is of, from a closed list; `all` for what is not of one thing. */
type Subjects = ReadonlySet<string>;
type Kind = { of: Subjects; scheme: Scheme; details: ReadonlySet<string> | 'version' | null };

const pages: Subjects = new Set(PAGE_NAMES);
const remotes: Subjects = new Set(['shell', ...PAGES.map(({ remote }) => remote)]);
const routes: Subjects = new Set(
  CONTRACTS.flatMap(({ actions }) => Object.values(actions))
    .filter(({ http }) => http !== undefined)
    .map(({ name }) => name),
);
const ALL = 'all';
const everything: Subjects = new Set([ALL]);

const ofPage = (scheme: Scheme): Kind => ({ of: pages, scheme, details: null });
const ofAll: Kind = { of: everything, scheme: 'ms1', details: null };
const ofVersion: Kind = { of: remotes, scheme: 'ms1', details: 'version' };

export const KINDS: Readonly<Record<FigureKind, Kind>> = {
  lcp: ofPage('ms1'),
  inp: ofPage('ms1'),
  cls: ofPage('score1'),
  ttfb: ofPage('ms1'),
  // The calls of a page's first seconds; those that began only after another one had ended; those repeated.
  view: ofPage('count1'),
  waterfall: ofPage('count1'),
  repeat: ofPage('count1'),
  error: ofPage('count1'),
  call: { of: routes, scheme: 'ms1', details: new Set<string>(CALL_OUTCOMES) },
  remote: ofVersion,
  'remote-failed': ofVersion,
  file: { of: remotes, scheme: 'ms1', details: new Set<string>(FILE_SOURCES) },
  // Until the first connection; how long a lost one, or the network, was away.
  connect: ofAll,
  drop: ofAll,
  offline: ofAll,
};

/** A build's hash, as `mfes/manifest.ts` makes it. */
const VERSION = /^[0-9a-f]{12}$/;

/** What a row of figures is about. */
export type Figure = { kind: FigureKind; subject: string; detail: string };

const detailOf = (details: Kind['details'], given: string): string => {
  if (details === null) return '';
  const isKnown = details === 'version' ? VERSION.test(given) : details.has(given);
  return isKnown ? given : OTHER;
};

/** The figure of a sample. Text that is in no list becomes `other`, so that nothing else is ever kept. */
export const figureOf = ({ kind, of, detail = '' }: Sample): Figure => {
  const known = KINDS[kind];
  return { kind, subject: known.of.has(of) ? of : OTHER, detail: detailOf(known.details, detail) };
};
