import type { IncomingMessage } from 'node:http';

/** Version, trace id, the caller's span, flags. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:$|-)/;

/** The trace id of the request's traceparent header (W3C Trace Context, 3.2); null without a valid one. */
export const traceIdOf = ({ headers }: IncomingMessage): string | null => {
  const { traceparent } = headers;
  return typeof traceparent === 'string' ? (TRACEPARENT.exec(traceparent)?.[1] ?? null) : null;
};
