import { randomUUID } from 'node:crypto';

/** A place in a trace (W3C Trace Context, https://www.w3.org/TR/trace-context/). */
export type TraceContext = {
  /** 32 hex digits, the same for everything that one act of a user causes. */
  traceId: string;
  /** The span that the next one belongs to, 16 hex digits; null where the trace has none yet. */
  spanId: string | null;
  /** Whether the spans of the trace are exported. */
  sampled: boolean;
};

/** Version, trace id, span id, flags. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:$|-)/;
const SAMPLED = 1;

/** Where a trace has no span yet, the second half of its id is in the place of the span's. */
const noSpanOf = (traceId: string): string => traceId.slice(16);

/** Reads a `traceparent`; null for a value that is none. */
export const parseTraceparent = (text: unknown): TraceContext | null => {
  const [, traceId, spanId, flags] = typeof text === 'string' ? (TRACEPARENT.exec(text) ?? []) : [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return {
    traceId,
    spanId: spanId === noSpanOf(traceId) ? null : spanId,
    sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED,
  };
};

export const traceparentOf = ({ traceId, spanId, sampled }: TraceContext): string =>
  `00-${traceId}-${spanId ?? noSpanOf(traceId)}-${sampled ? '01' : '00'}`;

/** A new trace, which is not exported. */
export const newTrace = (): TraceContext => ({
  traceId: randomUUID().replaceAll('-', ''),
  spanId: null,
  sampled: false,
});
