import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request and its response. */
export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  /** The request target without its query. */
  path: string;
  /** The text after the question mark, undecoded. */
  query: string;
  pathParams: Readonly<Record<string, string>>;
};

/** Sends the response of one exchange; never throws. */
export type Serve = (exchange: Exchange) => void;
