import type { Component } from 'svelte';
import type { Host } from '../../../shared/client/host.ts';

/** What every page gets: `locale` is how dates and times are written. */
export type PageProps = { host: Host; locale: string };

type ProfilePage = { pattern: RegExp; load: () => Promise<{ default: Component<PageProps> }> };

/** All pages of this remote, each loaded when it is opened. */
export const PAGES: readonly ProfilePage[] = [
  { pattern: /^\/settings\/profile$/, load: () => import('./pages/personal/PersonalPage.svelte') },
  { pattern: /^\/settings\/devices$/, load: () => import('./pages/devices/DevicesPage.svelte') },
  { pattern: /^\/settings\/data$/, load: () => import('./pages/data/DataPage.svelte') },
  {
    pattern: /^\/settings\/preferences$/,
    load: () => import('./pages/preferences/PreferencesPage.svelte'),
  },
];
