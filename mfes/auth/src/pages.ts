import type { Component } from 'svelte';
import type { Host } from '../../../shared/client/host.ts';

type AuthPage = { pattern: RegExp; load: () => Promise<{ default: Component<{ host: Host }> }> };

/** All pages of this remote, each loaded when it is opened. */
export const PAGES: readonly AuthPage[] = [
  { pattern: /^\/sign-in$/, load: () => import('./pages/sign-in/SignInPage.svelte') },
  { pattern: /^\/sign-up$/, load: () => import('./pages/sign-up/SignUpPage.svelte') },
  { pattern: /^\/set-password$/, load: () => import('./pages/set-password/SetPasswordPage.svelte') },
  {
    pattern: /^\/settings\/password$/,
    load: () => import('./pages/change-password/ChangePasswordPage.svelte'),
  },
];
