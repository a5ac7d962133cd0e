import { inTrace } from '../../../broker/calls/request-context.ts';
import { startSpan } from '../../../broker/telemetry/tracing.ts';
import type { Processor } from './client.ts';

/** Runs a request to the processor in a span with the kind of its outcome. */
const inSpanOf = async <T extends { kind: string }>(request: string, run: () => Promise<T>): Promise<T> => {
  const span = startSpan(`processor ${request}`, { kind: 'client' });
  if (!span) return run();
  let outcome = 'failed';
  try {
    const result = await inTrace(span.trace, run);
    outcome = result.kind;
    return result;
  } finally {
    const isError = outcome === 'failed' || outcome === 'unavailable';
    span.end({ attributes: { 'payloom.outcome': outcome }, ...(isError && { error: outcome }) });
  }
};

/** The processor with a span for each request. */
export const traced = (processor: Processor): Processor => ({
  authorize: (authorization) => inSpanOf('authorize', () => processor.authorize(authorization)),
  capture: (...given) => inSpanOf('capture', () => processor.capture(...given)),
  void: (...given) => inSpanOf('void', () => processor.void(...given)),
  refund: (...given) => inSpanOf('refund', () => processor.refund(...given)),
  read: (...given) => inSpanOf('read', () => processor.read(...given)),
  search: (search) => inSpanOf('search', () => processor.search(search)),
  close: processor.close,
});
