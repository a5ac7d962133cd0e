import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request and its answer, on their way through the gateway. */
export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  /** The address without its query. */
  path: string;
  /** What stands behind the question mark, undecoded. */
  query: string;
  pathParams: Readonly<Record<string, string>>;
};

/** Answers one exchange; never throws. */
export type Serve = (exchange: Exchange) => void;
