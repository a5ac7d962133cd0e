import { descriptionOf, type RemoteVersion } from '../../../../shared/client/remote-files.ts';
import { toast } from '../../../../shared/ui/toasts.svelte.ts';
import { session, sessionChanged, sessionSettled } from '../session/session.svelte.ts';
import { recall, remember } from '../session/storage.ts';
import type OverrideBadge from './OverrideBadge.svelte';
import { askedOverride } from './asked-override.ts';

const KEY = 'payloom-remote-override';
const ASKED = /^([\w-]+)@([0-9a-f]{12})$/;

type Override = { name: string; version: string };

const parse = (text: string | null): Override | null => {
  const [, name, version] = ASKED.exec(text ?? '') ?? [];
  return name && version ? { name, version } : null;
};

/** What the address asks for, until it is known whether the user may. */
let asked = parse(askedOverride);
/** The version that this browser shows instead of the deployed one, and what says so. */
export const override = $state<{ current: Override | null; Badge: typeof OverrideBadge | null }>({
  current: null,
  Badge: null,
});

const isDevelopment = (): boolean => {
  const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return page?.serverTiming?.some(({ name }) => name === 'development') ?? false;
};
const isAllowed = (): boolean => session.user?.role === 'ADMIN' || isDevelopment();

const settle = (): void => {
  const given = asked ?? parse(recall(KEY));
  if (asked && isAllowed()) {
    remember(KEY, `${asked.name}@${asked.version}`);
    asked = null;
  } else if (asked && session.user) {
    asked = null;
    toast('info', 'Only administrators can open another version of a page.');
  }
  override.current = given && isAllowed() ? given : null;
  if (override.current) {
    void import('./OverrideBadge.svelte').then((module) => (override.Badge = module.default)).catch(() => {});
  }
};

/** Follows who is signed in, where the address or this browser names a version. */
export const followOverride = (): void => {
  if (asked === null && recall(KEY) === null) return;
  void sessionSettled.then(settle);
  sessionChanged.on(settle);
};

/** The version that this browser shows of a remote instead of the deployed one, or null. */
export const overrideOf = async (name: string): Promise<RemoteVersion | null> => {
  const given = asked ?? parse(recall(KEY));
  if (given?.name !== name) return null;
  await sessionSettled;
  if (!isAllowed()) return null;
  const { version } = given;
  return { version, contract: 1, href: descriptionOf(name, version) };
};

/** Shows the deployed versions again. */
export const endOverride = (): void => {
  remember(KEY, null);
  location.reload();
};
