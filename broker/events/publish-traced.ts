import { inTrace, traceOf, withTrace } from '../calls/request-context.ts';
import { newTrace } from '../telemetry/trace-context.ts';
import { inSpan, isTracing, startSpan, type Span } from '../telemetry/tracing.ts';
import type { EventMessage } from './event-message.ts';

type Traced = { message: EventMessage; span: Span | null };

const begin = (message: EventMessage): Traced => {
  const { origin, event } = message;
  const trace = traceOf(origin);
  const span = trace && startSpan(`publish ${event}`, { kind: 'producer' }, trace);
  // What the subscribers do belongs to the publication.
  return { message: span && origin ? { ...message, origin: withTrace(origin, span.trace) } : message, span };
};

/**
 * Publishes events, each with a span in its own trace. Where one of them is exported, the batch is a trace of
 * its own, which is linked to theirs.
 * @returns what `publish` returns: events of the given messages that reached no queue
 */
export const publishTraced = async (
  service: string,
  messages: readonly EventMessage[],
  publish: (messages: readonly EventMessage[]) => Promise<readonly EventMessage[]>,
): Promise<readonly EventMessage[]> => {
  if (!isTracing()) return publish(messages);
  const all = messages.map(begin);
  const spans = all.map(({ span }) => span).filter((span) => span !== null);
  if (spans.length === 0) return publish(messages);
  const about = {
    links: spans.map(({ trace }) => trace),
    attributes: { 'messaging.batch.message_count': messages.length },
  };
  let error: string | undefined = 'unavailable';
  try {
    const left = await inTrace({ ...newTrace(), sampled: true }, () =>
      inSpan(`relay ${service}`, about, () => publish(all.map(({ message }) => message))),
    );
    error = undefined;
    return left;
  } finally {
    for (const span of spans) span.end(error === undefined ? {} : { error });
  }
};
