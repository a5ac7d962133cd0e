import * as z from 'zod/mini';
import { deviceKind, sessionEndReason, signInMethod } from './fields.ts';
import { earlier } from '../contract.ts';
import { instant } from '../fields.ts';
import { sessionId, userId } from '../ids.ts';
import { role, userStatus } from '../roles.ts';

/** An administrator, and why. */
const decision = { by: userId, reason: z.string(), at: instant };

export const authEvents = {
  userChanged: {
    summary:
      'A user was registered or changed; tells the user as it is now, `version` growing with each change',
    version: 1,
    payload: z.object({
      id: userId,
      email: z.string(),
      name: z.string(),
      role,
      status: userStatus,
      version: z.int(),
    }),
  },
  passwordChanged: {
    summary: 'A user changed the password',
    version: 1,
    payload: z.object({ userId, at: instant }),
  },
  sessionStarted: {
    summary: 'A user signed in',
    version: 2,
    payload: z.object({
      sessionId,
      userId,
      device: z.string(),
      kind: deviceKind,
      address: z.nullable(z.string()),
      method: signInMethod,
      /** The browser had signed in to this account before. */
      knownDevice: z.boolean(),
      at: instant,
    }),
    earlier: {
      1: earlier(z.object({ sessionId, userId, at: instant }), (old) => ({
        ...old,
        device: 'Unknown device',
        kind: 'program',
        address: null,
        method: 'password',
        knownDevice: true,
      })),
    },
  },
  sessionEnded: {
    summary: 'A session ended, and why',
    version: 2,
    payload: z.object({ sessionId, userId, reason: sessionEndReason, at: instant }),
    earlier: {
      1: earlier(
        z.object({
          sessionId,
          userId,
          reason: z.enum(['signed_out', 'password_changed', 'refresh_reused']),
          at: instant,
        }),
        (old) => old,
      ),
    },
  },
  userSuspended: {
    summary: 'An administrator suspended a user; all sessions of the user have ended',
    version: 1,
    payload: z.object({ userId, ...decision }),
  },
  userRestored: {
    summary: 'An administrator let a suspended user in again',
    version: 1,
    payload: z.object({ userId, ...decision }),
  },
  roleChanged: {
    summary: 'An administrator gave a user another role; tokens of an older `accessVersion` are void',
    version: 1,
    payload: z.object({ userId, role, previousRole: role, accessVersion: z.int(), ...decision }),
  },
  signInLocked: {
    summary:
      'Too many failed attempts: nobody unknown signs in to this account, or from this address, until then',
    version: 1,
    payload: z.object({
      kind: z.enum(['account', 'address']),
      /** The e-mail address or the network address that is locked. */
      subject: z.string(),
      /** Null for an address, and for an e-mail address that no account has. */
      userId: z.nullable(userId),
      /** Where the last attempt came from. */
      address: z.nullable(z.string()),
      failures: z.int(),
      until: instant,
      at: instant,
    }),
  },
  lockoutLifted: {
    summary: 'An administrator lifted a lockout',
    version: 1,
    payload: z.object({ kind: z.enum(['account', 'address']), subject: z.string(), ...decision }),
  },
  keysRotated: {
    summary: 'Access tokens are about to be signed with a new key; `by` is null where its time had come',
    version: 1,
    payload: z.object({
      keyId: z.string(),
      by: z.nullable(userId),
      reason: z.string(),
      at: instant,
    }),
  },
} as const;
