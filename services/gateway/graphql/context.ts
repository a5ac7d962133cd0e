import type { IncomingMessage } from 'node:http';
import type { Usage } from '../limits/usage.ts';
import type { Load } from './loader.ts';

/** All calls of a request together; the longest time limit of one action. */
const TIME_LIMIT_MS = 20_000;

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
  /** Aborted when nobody reads the answer any more. */
  signal: AbortSignal;
  /** The number of the last event that a client which comes back has received. */
  after: number | undefined;
  /** The number of the event that is answered. */
  seq: number | null;
};

type Asking = Pick<GraphqlContext, 'request' | 'requestId' | 'signal' | 'after'>;

export const contextOf = (asking: Asking, nowMs: number): GraphqlContext => ({
  ...asking,
  deadlineAtMs: nowMs + TIME_LIMIT_MS,
  usage: [],
  cookies: [],
  replayed: false,
  loaders: new Map(),
  seq: null,
});

/** Each event of a subscription is answered as a request of its own is. */
export const startEvent = (context: GraphqlContext, seq: number, nowMs: number): void => {
  Object.assign(context, contextOf(context, nowMs), { seq });
};
