import * as z from 'zod/mini';
import { nothing, revocations, session } from './fields.ts';
import { wholeNumber } from '../fields.ts';
import { sessionId } from '../ids.ts';

/** Where somebody is signed in, and ending it. */
export const sessionActions = {
  sessions: {
    summary: 'Where you are signed in, most recently used first',
    http: { route: 'GET /api/auth/sessions' },
    permission: 'signed-in',
    params: z.strictObject({
      limit: z._default(wholeNumber(1, 100), 25),
      cursor: z.optional(z.string().check(z.maxLength(200))),
    }),
    result: z.object({ items: z.array(session), nextCursor: z.nullable(z.string()) }),
    errors: ['invalid_cursor'],
    idempotent: 'read',
  },
  endSession: {
    summary: 'Sign out one of your devices; the session that asks can end itself too',
    http: { route: 'DELETE /api/auth/sessions/:id', status: 204 },
    permission: 'signed-in',
    params: z.strictObject({ id: sessionId }),
    result: nothing,
    errors: ['session_not_found'],
    idempotent: 'yes',
  },
  endOtherSessions: {
    summary: 'Sign out every device but this one',
    http: { route: 'POST /api/auth/sessions/revoke-others' },
    permission: 'signed-in',
    params: z.strictObject({}),
    result: z.object({ ended: z.int() }),
    errors: [],
    idempotent: 'yes',
  },
  revocations: {
    summary: 'What was revoked within one access-token lifetime',
    permission: 'services',
    params: z.strictObject({}),
    result: revocations,
    errors: [],
    idempotent: 'read',
  },
} as const;
