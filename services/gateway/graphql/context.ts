import type { IncomingMessage } from 'node:http';
import type { Usage } from '../limits/usage.ts';
import type { Load } from './loader.ts';

/** One request, as its resolvers share it. */
export type GraphqlContext = {
  request: IncomingMessage;
  requestId: string;
  /** When all of its calls have to be done. */
  deadlineAtMs: number;
  /** The limits that its calls were counted against. */
  usage: Usage;
  /** Set-Cookie headers of its calls, in one flat list. */
  cookies: string[];
  /** Whether a call was answered with the answer to an earlier one. */
  replayed: boolean;
  /** By relation. */
  loaders: Map<object, Load<never, unknown>>;
};
