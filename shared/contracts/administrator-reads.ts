import * as z from 'zod/mini';
import type { Action } from './contract.ts';
import { instant } from './fields.ts';

/** The event of a service with actions by which administrators read what is not their own. */
export const administratorRead = {
  summary: 'An administrator read what is not their own; the same read counts once a minute',
  version: 1,
  subscribers: ['admin'],
  payload: z.object({
    /** The full name of the action. */
    action: z.string(),
    /** Of the one thing that was read; null for a list. */
    id: z.nullable(z.string()),
    /** Search, filters and order, without secrets. */
    query: z.record(z.string(), z.unknown()),
    at: instant,
  }),
} as const;

const isForAdministrators = ({ permission }: Action): boolean =>
  Array.isArray(permission) && permission.every((role) => role === 'ADMIN');

/** Whether reads by administrators through this action are recorded. */
export const isRecordedRead = (action: Action): boolean =>
  action.idempotent === 'read' && (action.recorded ?? isForAdministrators(action));
