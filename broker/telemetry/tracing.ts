import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { isAppError } from '../calls/errors.ts';
import { currentTrace, inTrace } from '../calls/request-context.ts';
import { newTrace, parseTraceparent, type TraceContext } from './trace-context.ts';

export type SpanOptions = {
  /** What the span is to others: it serves a request, makes one, or is on one side of a message. */
  kind?: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  /** Constants, names and numbers only: no value that a person has given. */
  attributes?: Readonly<Record<string, string | number | boolean>>;
  /** Places in other traces that have to do with the span. */
  links?: readonly TraceContext[];
  /** When it began, in milliseconds since the epoch; now by default. */
  startAtMs?: number;
};

/** How a span has ended. */
type SpanEnd = Pick<SpanOptions, 'attributes'> & {
  /** Replaces the name with which the span began. */
  name?: string;
  /** The code or the kind of the error with which it ended. */
  error?: string;
};

/** A span that has begun. */
export type Span = {
  /** The place of what belongs to the span. */
  trace: TraceContext;
  end(end?: SpanEnd): void;
};

/** What makes and exports spans. */
export type Tracer = {
  /** The share of traces that are exported, 0 to 1. */
  sampling: number;
  start(name: string, parent: TraceContext, options: SpanOptions): Span;
};

let tracer: Tracer | null = null;

/** Whether spans of this process are exported at all. */
export const isTracing = (): boolean => tracer !== null;

/** Sets what exports the spans of this process; null for nothing, as at the start. */
export const setTracer = (given: Tracer | null): void => {
  tracer = given;
};

/**
 * Begins a span of a trace.
 * @returns null where the trace is not exported
 */
export const startSpan = (
  name: string,
  options: SpanOptions = {},
  parent: TraceContext | null = currentTrace(),
): Span | null => (tracer && parent?.sampled ? tracer.start(name, parent, options) : null);

/** An error in a span: its text may hold what a person has given, so there is none. */
const nameOf = (error: unknown): string => {
  if (isAppError(error)) return error.code;
  return error instanceof Error ? error.name : 'error';
};

const runIn = async <T>(span: Span, run: () => Promise<T>): Promise<T> => {
  try {
    const result = await inTrace(span.trace, run);
    span.end();
    return result;
  } catch (error) {
    span.end({ error: nameOf(error) });
    throw error;
  }
};

/** Runs `run` in a span of the running code's trace; without one where the trace is not exported. */
export const inSpan = <T>(name: string, options: SpanOptions, run: () => Promise<T>): Promise<T> => {
  const span = startSpan(name, options);
  return span ? runIn(span, run) : run();
};

/**
 * Returns what begins the trace of a request from outside. The trace of the client's `traceparent` goes on,
 * but whether it is exported is decided here, by its id and a key that all replicas have: they decide alike,
 * and a client can neither demand it nor find an id for which it is so.
 */
export const entryTraces = (key: () => KeyObject): ((traceparent: unknown) => TraceContext) => {
  let secret: KeyObject | null = null;
  const isSampled = (traceId: string, sampling: number): boolean => {
    // With a Buffer each HMAC would cost several times as much: Node makes a key of it each time.
    secret ??= createSecretKey(createHmac('sha256', key()).update('sampling of traces').digest());
    return createHmac('sha256', secret).update(traceId).digest().readUInt32BE(0) < sampling * 2 ** 32;
  };
  return (traceparent) => {
    const trace = parseTraceparent(traceparent) ?? newTrace();
    return { ...trace, sampled: tracer !== null && isSampled(trace.traceId, tracer.sampling) };
  };
};
