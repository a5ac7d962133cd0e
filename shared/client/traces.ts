import type { SocketMessage } from '../contracts/realtime.ts';

/** A message that reads may follow, and what it is about. */
type Cause = { traceparent: string; id: unknown; atMs: number };

/** Pages gather messages for up to a second before they read. */
const FOLLOWS_MS = 2_000;
const CAUSES_MAX = 20;

/** The newest first. */
let causes: Cause[] = [];

const idIn = (value: unknown): unknown => (value as { id?: unknown } | null | undefined)?.id;

/** Notes a message: the reads that follow it belong to the trace of the act that caused it. */
export const noteMessage = ({ traceparent, payload }: SocketMessage): void => {
  if (!traceparent) return;
  causes = [{ traceparent, id: idIn(payload), atMs: performance.now() }, ...causes].slice(0, CAUSES_MAX);
};

/** A new trace without a span of the page: the server begins its first one (W3C Trace Context). */
const newTraceparent = (): string => {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  const traceId = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `00-${traceId}-${traceId.slice(16)}-00`;
};

/**
 * The `traceparent` of a request: that of a message which has just arrived for the read of what it is about,
 * or of a list; otherwise a new one. Whether a trace is exported is not decided here.
 */
export const traceparentFor = (isRead: boolean, params: object): string => {
  const id = idIn(params);
  const sinceMs = performance.now() - FOLLOWS_MS;
  const cause = isRead
    ? causes.find((one) => one.atMs >= sinceMs && (id === undefined || id === one.id))
    : undefined;
  return cause?.traceparent ?? newTraceparent();
};
