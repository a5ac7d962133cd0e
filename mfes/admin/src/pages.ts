import type { Component } from 'svelte';
import type { Host } from '../../../shared/client/host.ts';

/** What every page gets: `path` is path and query, `locale` how dates, times and amounts are written. */
export type PageProps = { host: Host; path: string; locale: string };

type AdminPage = { pattern: RegExp; load: () => Promise<{ default: Component<PageProps> }> };

/** All pages of administrators, each loaded when it is opened. */
export const PAGES: readonly AdminPage[] = [
  { pattern: /^\/admin$/, load: () => import('./pages/overview/OverviewPage.svelte') },
  { pattern: /^\/admin\/users$/, load: () => import('./pages/users/UsersPage.svelte') },
  { pattern: /^\/admin\/users\/new$/, load: () => import('./pages/invite/InvitePage.svelte') },
  { pattern: /^\/admin\/users\/[^/]+$/, load: () => import('./pages/user/UserPage.svelte') },
  { pattern: /^\/admin\/approvals$/, load: () => import('./pages/approvals/ApprovalsPage.svelte') },
  {
    pattern: /^\/admin\/configuration$/,
    load: () => import('./pages/configuration/ConfigurationPage.svelte'),
  },
  { pattern: /^\/admin\/security$/, load: () => import('./pages/security/SecurityPage.svelte') },
  {
    pattern: /^\/admin\/micro-frontends$/,
    load: () => import('./pages/micro-frontends/MicroFrontendsPage.svelte'),
  },
  {
    pattern: /^\/admin\/experience$/,
    load: () => import('./pages/experience/ExperiencePage.svelte'),
  },
  { pattern: /^\/admin\/audit$/, load: () => import('./pages/audit/AuditPage.svelte') },
  { pattern: /^\/admin\/system$/, load: () => import('./pages/system/SystemPage.svelte') },
  {
    pattern: /^\/admin\/dead-letters$/,
    load: () => import('./pages/dead-letters/DeadLettersPage.svelte'),
  },
  {
    pattern: /^\/admin\/dead-letters\/[^/]+$/,
    load: () => import('./pages/dead-letters/DeadLetterPage.svelte'),
  },
];

/** The page at a path, or undefined where this remote has none. */
export const pageOf = (path: string): AdminPage | undefined => {
  const pathname = path.split(/[?#]/)[0] ?? '';
  return PAGES.find(({ pattern }) => pattern.test(pathname));
};
