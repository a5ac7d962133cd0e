import { trimSlashes } from '../../../../shared/contracts/pages.ts';
import { observed } from '../../../../shared/telemetry/observed.ts';
import { leaveGuard } from './leaving.svelte.ts';
import { isPage } from './routes.ts';
import { createSignal } from '../session/signal.ts';

const here = (): string => trimSlashes(location.pathname) + location.search;

/** Path and query that are shown, and how many times the page (not only its query) has changed. */
export const router = $state({ path: here(), visits: 0 });
export const pathChanged = createSignal();

type Numbered = { index?: unknown } | null;

/** Entries of the history are numbered, so that a move can be undone while the user is asked about it. */
const numberOf = (state: unknown): number | undefined => {
  const index = (state as Numbered)?.index;
  return typeof index === 'number' ? index : undefined;
};
let index = numberOf(history.state) ?? 0;
history.replaceState({ index }, '');

const isOtherPage = (pathname: string): boolean => trimSlashes(pathname) !== router.path.split('?')[0];

const show = (): void => {
  const path = here();
  if (path === router.path) return;
  if (isOtherPage(location.pathname)) {
    router.visits += 1;
    observed({ kind: 'opened', path: location.pathname, atMs: performance.now() });
  }
  router.path = path;
  pathChanged.notify();
};

/** Goes to a path of our own pages, without a question about what is unsaved. */
export const navigate = (to: string, { replace = false }: { replace?: boolean } = {}): void => {
  const url = new URL(to, location.origin);
  if (url.origin !== location.origin) throw new Error(`navigate() stays on our own pages, not ${url.origin}`);
  const keepsEntry = replace || url.href === location.href;
  const pageChanges = isOtherPage(url.pathname);
  if (!keepsEntry) index += 1;
  history[keepsEntry ? 'replaceState' : 'pushState']({ index }, '', url);
  if (pageChanges && !replace) scrollTo(0, 0);
  show();
};

/** Goes to a path of our own pages as a link does: asks first where something unsaved would be lost. */
export const follow = (to: string): void => {
  const open = (): void => navigate(to);
  if (isOtherPage(new URL(to, location.origin).pathname)) void leaveGuard.leave(open);
  else open();
};

const linkOf = (event: MouseEvent): HTMLAnchorElement | undefined => {
  if (event.defaultPrevented || event.button !== 0) return undefined;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
  if (!link?.href || link.hasAttribute('download') || (link.target && link.target !== '_self'))
    return undefined;
  return link;
};

/** The page of ours to which a link leads, or undefined. */
export const pathOf = ({ href }: HTMLAnchorElement): string | undefined => {
  if (href === '') return undefined;
  const { origin, pathname, search } = new URL(href);
  return origin === location.origin && isPage(pathname) ? pathname + search : undefined;
};

let isAgreed = false;

/**
 * Follows the back and forward buttons. The browser has moved already: where something is unsaved the move is
 * undone first, so that the address is right while the question is open and when the user stays.
 */
const moved = ({ state }: PopStateEvent): void => {
  const to = numberOf(state) ?? index - 1;
  if (!isAgreed && isOtherPage(location.pathname) && leaveGuard.isUnsaved()) {
    const distance = to - index;
    history.go(-distance);
    void leaveGuard.leave(() => {
      isAgreed = true;
      history.go(distance);
    });
    return;
  }
  if (to !== index) isAgreed = false;
  index = to;
  show();
};

/** Same-origin left clicks on links become navigations without a load; returns the function that stops it. */
export const interceptLinks = (): (() => void) => {
  const openLink = (event: MouseEvent): void => {
    const link = linkOf(event);
    if (link === undefined) return;
    const url = new URL(link.href);
    const within = url.pathname + url.search === location.pathname + location.search;
    if (url.origin !== location.origin || !isPage(url.pathname) || (within && url.hash !== '')) return;
    event.preventDefault();
    follow(url.pathname + url.search + url.hash);
  };
  document.addEventListener('click', openLink);
  addEventListener('popstate', moved);
  return () => {
    document.removeEventListener('click', openLink);
    removeEventListener('popstate', moved);
  };
};
