import * as z from 'zod/mini';
import { managedUser, usersParams } from './users.ts';
import { isNumbered, numbered, pageNumber } from '../numbered-pages.ts';

export const usersPageActions = {
  usersPage: {
    summary: 'Users as `users` has them, by the number of their page, and how many there are',
    permission: ['ADMIN'],
    params: z.extend(z.omit(usersParams, { cursor: true }), { pageNumber }).check(isNumbered),
    result: numbered(managedUser),
    errors: [],
    idempotent: 'read',
  },
} as const;
