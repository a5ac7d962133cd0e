import * as z from 'zod/mini';
import { newPassword, nothing } from './fields.ts';
import { instant } from '../fields.ts';

/** How long the link of an invitation is valid, and that of a reset password. */
export const LINK_LIFETIME_S = { invitation: 7 * 24 * 3600, reset: 24 * 3600 } as const;

export const linkKind = z.enum(['invitation', 'reset']);
export type LinkKind = z.output<typeof linkKind>;

/** The path of the page that a link opens; the token follows `#`, which browsers do not send to servers. */
export const LINK_PATH = '/set-password';

const token = z.string({ error: 'must be text' }).check(z.maxLength(200));

/** A token cannot be guessed; the limit protects the hashing of passwords. */
const linkLimit = { perAddressPerMinute: 60 } as const;

export const passwordLinkActions = {
  passwordLink: {
    summary: 'Whom a one-time link is for, and when it expires; it stays valid',
    http: { route: 'POST /api/auth/password-link' },
    permission: 'anyone',
    params: z.strictObject({ token }),
    result: z.object({ kind: linkKind, email: z.string(), name: z.string(), expiresAt: instant }),
    errors: ['link_invalid', 'account_suspended'],
    idempotent: 'yes',
    limit: linkLimit,
  },
  setPassword: {
    summary: 'Set a password with the one-time link of an invitation or a reset',
    http: { route: 'POST /api/auth/password-link/password', status: 204 },
    permission: 'anyone',
    params: z.strictObject({ token, newPassword }),
    result: nothing,
    errors: ['link_invalid', 'account_suspended'],
    idempotent: 'no',
    limit: linkLimit,
  },
} as const;
