import { trimSlashes } from '../../../../shared/contracts/pages.ts';
import { isPage } from './routes.ts';
import { createSignal } from '../session/signal.ts';

const here = (): string => trimSlashes(location.pathname) + location.search;

/** Path and query that are shown, and how many times the page (not only its query) has changed. */
export const router = $state({ path: here(), visits: 0 });
export const pathChanged = createSignal();

const show = (): void => {
  const path = here();
  if (path === router.path) return;
  if (path.split('?')[0] !== router.path.split('?')[0]) router.visits += 1;
  router.path = path;
  pathChanged.notify();
};

/** Goes to a path of our own pages. */
export const navigate = (to: string, { replace = false }: { replace?: boolean } = {}): void => {
  const url = new URL(to, location.origin);
  if (url.origin !== location.origin) throw new Error(`navigate() stays on our own pages, not ${url.origin}`);
  const sameUrl = url.href === location.href;
  const pageChanges = trimSlashes(url.pathname) !== trimSlashes(location.pathname);
  if (replace || sameUrl) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  if (pageChanges && !replace) scrollTo(0, 0);
  show();
};

const linkOf = (event: MouseEvent): HTMLAnchorElement | undefined => {
  if (event.defaultPrevented || event.button !== 0) return undefined;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
  if (!link?.href || link.hasAttribute('download') || (link.target && link.target !== '_self'))
    return undefined;
  return link;
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
    navigate(url.pathname + url.search + url.hash);
  };
  document.addEventListener('click', openLink);
  addEventListener('popstate', show);
  return () => {
    document.removeEventListener('click', openLink);
    removeEventListener('popstate', show);
  };
};
