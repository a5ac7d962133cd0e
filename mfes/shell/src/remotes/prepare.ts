import { FIRST_PAGE } from '../../../../shared/contracts/pages.ts';
import { whenIdle } from '../live/when-idle.ts';
import { pathChanged, pathOf } from '../routing/router.svelte.ts';
import { remoteOf, viewOf } from '../routing/routes.ts';
import { session, sessionChanged } from '../session/session.svelte.ts';
import { buildOf } from './builds.ts';
import { describe, isLinked, modulesFor } from './manifest.ts';
import { planFor } from './plan.ts';

const asked = new Set<string>();

/** Reads a file into the browser's cache. A link would make the browser remember a failure. */
const read = async (href: string, integrity: string, priority: RequestPriority): Promise<void> => {
  if (asked.has(href) || isLinked(href)) return;
  asked.add(href);
  try {
    await (await fetch(href, { priority, ...(integrity && { integrity }) })).arrayBuffer();
  } catch {
    asked.delete(href);
  }
};

/** Reads what the page at a path needs, so that it is there when it is opened; nothing depends on it. */
const prepare = async (path: string, priority: RequestPriority): Promise<void> => {
  const name = remoteOf(path);
  if (name === undefined) return;
  const { choices } = await planFor(name, 'kept');
  if (!choices[0]) return;
  const build = buildOf(await describe(choices[0]));
  const files = [...modulesFor(build, path), ...build.styles];
  await Promise.all(files.map(({ href, integrity }) => read(href, integrity, priority)));
};

type Connection = { saveData?: boolean };
const isWelcome = (): boolean => {
  const { connection } = navigator as { connection?: Connection };
  return navigator.onLine && connection?.saveData !== true;
};
const tryPrepare = (path: string, priority: RequestPriority): void => {
  if (isWelcome()) prepare(path, priority).catch(() => {});
};

/** Where the visible links of the page lead, and a sign-in. */
const prepareLinked = (): void => {
  const role = session.user?.role ?? null;
  const links = [...document.querySelectorAll('a')].filter((link) => link.offsetParent !== null);
  const paths = links.flatMap((link) => pathOf(link) ?? []);
  const home = viewOf(FIRST_PAGE, 'CUSTOMER');
  if (role === null && home.kind === 'redirect') paths.push(home.to);
  for (const path of new Set(paths)) {
    if (role === null || viewOf(path, role).kind === 'remote') tryPrepare(path, 'low');
  }
};

/**
 * Prepares the page of a link that the user points at or focuses, and those of all links when the browser is
 * idle. Nothing where the user saves data.
 */
export const subscribePreparing = (): (() => void) => {
  const point = ({ target }: Event): void => {
    const link = target instanceof Element ? target.closest('a') : null;
    const path = link && pathOf(link);
    if (path) tryPrepare(path, 'auto');
  };
  const whenShown = (): void => whenIdle(prepareLinked);
  const kinds = ['pointerover', 'pointerdown', 'focusin'];
  for (const kind of kinds) document.addEventListener(kind, point, { passive: true });
  const stops = [pathChanged.on(whenShown), sessionChanged.on(whenShown)];
  whenShown();
  return () => {
    for (const kind of kinds) document.removeEventListener(kind, point);
    stops.forEach((stop) => stop());
  };
};
