import type { CacheRule } from '../contract.ts';

/** How the list of users is kept. It shows the last sign-in, and whether a user has a password. */
export const usersCache: CacheRule = {
  keys: ['limit', 'cursor', 'q', 'role', 'state', 'sort'],
  lifetimeS: 30,
  clearedBy: [
    'auth.user-changed',
    'auth.session-started',
    'auth.invitation-accepted',
    'auth.password-reset',
    'auth.password-changed',
  ],
};
