import type { Intent } from '../domain/payment-intent.ts';
import type { Problem } from '../domain/problem.ts';
import { errorObject } from './objects.ts';

/** An HTTP response; `body` is JSON text. */
export type Reply = { status: number; body: string; headers?: Record<string, string> };

export const ok = (object: object): Reply => ({ status: 200, body: JSON.stringify(object) });

export const refused = (problem: Problem, intent?: Intent): Reply => ({
  status: problem.status,
  body: JSON.stringify(errorObject(problem, intent)),
});

export type Request = {
  id: string;
  method: string;
  path: string;
  /** The raw query string. */
  query: string;
  body: string;
  headers: Readonly<Record<string, string | undefined>>;
  address: string;
};
