import { AsyncLocalStorage } from 'node:async_hooks';
import { parseTraceparent, traceparentOf, type TraceContext } from '../telemetry/trace-context.ts';
import type { Envelope } from './envelope.ts';

/** Who made a request, and from where. */
export type RequestOrigin = Pick<Envelope, 'caller' | 'address' | 'userAgent'> & {
  /** 32 hex digits; null where it is not known. */
  traceId?: string | null;
};

/** The request or event of the running code. */
export type Request = {
  /** Null outside of a request. */
  id: string | null;
  /** Null where nobody asked, or where it is not known. */
  origin: RequestOrigin | null;
  trace: TraceContext | null;
};

const NO_REQUEST: Request = { id: null, origin: null, trace: null };

const requests = new AsyncLocalStorage<Request>();

/**
 * Runs `run` as part of a request: asynchronous work in it belongs to the request too, its events carry the
 * request's id, origin and trace, and its log lines their ids.
 */
export const inRequest = <T>(request: Request, run: () => T): T => requests.run(request, run);

/** Runs `run` at another place in a trace, as part of the same request. */
export const inTrace = <T>(trace: TraceContext | null, run: () => T): T => {
  const { id = null, origin = null } = requests.getStore() ?? {};
  return requests.run({ id, origin, trace }, run);
};

/**
 * Runs `run` as part of no request: for what a request only sets off, such as a loop that does the work of
 * all.
 */
export const outsideRequests = <T>(run: () => T): T => requests.run(NO_REQUEST, run);

/** The request of the running code, or null. */
export const currentRequest = (): Request | null => requests.getStore() ?? null;

export const currentRequestId = (): string | null => requests.getStore()?.id ?? null;

/** The place in its trace of the running code, or null. */
export const currentTrace = (): TraceContext | null => requests.getStore()?.trace ?? null;

/** The id of the running code's trace, 32 hex digits, or null. */
export const currentTraceId = (): string | null => requests.getStore()?.trace?.traceId ?? null;

/** The running code's trace as a `traceparent`, or null. */
export const currentTraceparent = (): string | null => {
  const trace = currentTrace();
  return trace && traceparentOf(trace);
};

/** An origin as it is stored with an event, and travels with it. */
type StoredOrigin = Pick<RequestOrigin, 'caller' | 'address' | 'userAgent'> & {
  traceparent?: string | null;
  /** In events from before `traceparent`. */
  traceId?: string | null;
};

/**
 * Who made the request of the running code, and its trace, as JSON; null where neither caller nor address nor
 * trace is known.
 */
export const currentOrigin = (): string | null => {
  const { origin = null, trace = null } = requests.getStore() ?? {};
  const isKnown = origin !== null && (origin.caller !== null || origin.address !== null);
  if (!isKnown && trace === null) return null;
  const { caller = null, address = null, userAgent = null } = origin ?? {};
  return JSON.stringify({ caller, address, userAgent, ...(trace && { traceparent: traceparentOf(trace) }) });
};

/** Reads the JSON of an origin; it may come from an earlier version. Throws when it is none. */
export const readOrigin = (text: string | null): Omit<Request, 'id'> => {
  if (text === null) return { origin: null, trace: null };
  const { caller, address, userAgent, traceparent, traceId } = JSON.parse(text) as StoredOrigin;
  const trace = parseTraceparent(traceparent) ?? (traceId ? { traceId, spanId: null, sampled: false } : null);
  return { origin: { caller, address, userAgent, traceId: trace?.traceId ?? null }, trace };
};

/** The trace in the JSON of an origin; null where there is none, or the JSON is damaged. */
export const traceOf = (text: string | null | undefined): TraceContext | null => {
  try {
    return readOrigin(text ?? null).trace;
  } catch {
    return null;
  }
};

/** The JSON of an origin with another place in its trace. */
export const withTrace = (text: string, trace: TraceContext): string =>
  JSON.stringify({ ...(JSON.parse(text) as StoredOrigin), traceparent: traceparentOf(trace) });
