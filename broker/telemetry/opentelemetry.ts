import { setTimeout as sleep } from 'node:timers/promises';
import {
  context,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import type { DiagLogger, SpanContext } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, RandomIdGenerator } from '@opentelemetry/sdk-trace';
import type { Logger } from '../process/logger.ts';
import type { TraceContext } from './trace-context.ts';
import { setTracer, type SpanOptions, type Tracer } from './tracing.ts';

const SHUTDOWN_MS = 2_000;
const WARN_EVERY_MS = 60_000;

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

const spanContextOf = ({ traceId, spanId }: TraceContext & { spanId: string }): SpanContext => ({
  traceId,
  spanId,
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
});

const hasSpan = (context: TraceContext): context is TraceContext & { spanId: string } =>
  context.spanId !== null;

/** The first span of a trace gets the trace's id, which exists before it. */
const idsOfTraces = () => {
  const random = new RandomIdGenerator();
  let traceId: string | null = null;
  return {
    generateTraceId: () => traceId ?? random.generateTraceId(),
    generateSpanId: () => random.generateSpanId(),
    within: <T>(id: string, begin: () => T): T => {
      traceId = id;
      try {
        return begin();
      } finally {
        traceId = null;
      }
    },
  };
};

/** At most one line a minute: what fails fails for each batch. Texts of the library may hold headers. */
const failuresTo = (log: Pick<Logger, 'warn'>): DiagLogger => {
  let nextMs = 0;
  const warn = (): void => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + WARN_EVERY_MS;
    log.warn('spans could not be exported');
  };
  const nothing = (): void => undefined;
  return { error: warn, warn, info: nothing, debug: nothing, verbose: nothing };
};

export type TracingOptions = {
  /** The names under which the spans are shown. */
  service: string;
  replica: string;
  /** Where spans are sent. */
  url: string;
  /** Of each request to it, such as a key. */
  headers: Record<string, string>;
  /** The share of traces that are exported, 0 to 1. */
  sampling: number;
  log: Pick<Logger, 'warn'>;
};

/**
 * Exports the spans of this process over OTLP (HTTP, JSON). This module and all of OpenTelemetry are loaded
 * only where something receives them. It patches nothing: all spans are ours (`startSpan`), and their places
 * travel in our own context.
 * @returns sends what waits, and ends
 */
export const startTracing = ({
  service,
  replica,
  url,
  headers,
  sampling,
  log,
}: TracingOptions): (() => Promise<void>) => {
  diag.setLogger(failuresTo(log), DiagLogLevel.WARN);
  const ids = idsOfTraces();
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.instance.id': `${service}-${replica}`,
    }),
    autoDetectResources: false,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url, headers }) })],
    // Spans begin only in traces that are exported, which is decided where a request enters.
    sampler: new AlwaysOnSampler(),
    idGenerator: ids,
    textMapPropagator: null,
    // By default both go to the same address.
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  const spans = trace.getTracer('payloom');

  const begin = (name: string, parent: TraceContext, options: SpanOptions) => {
    const { kind = 'internal', attributes = {}, links = [], startAtMs } = options;
    const linked = links.filter(hasSpan).map((link) => ({ context: spanContextOf(link) }));
    const given = { kind: KINDS[kind], attributes: { ...attributes }, links: linked, startTime: startAtMs };
    if (!hasSpan(parent)) return ids.within(parent.traceId, () => spans.startSpan(name, given, ROOT_CONTEXT));
    return spans.startSpan(name, given, trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent)));
  };

  const start: Tracer['start'] = (name, parent, options) => {
    const span = begin(name, parent, options);
    const { traceId, spanId } = span.spanContext();
    return {
      trace: { traceId, spanId, sampled: true },
      end: ({ name: renamed, attributes, error } = {}) => {
        if (renamed !== undefined) span.updateName(renamed);
        if (attributes) span.setAttributes({ ...attributes });
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
        span.end();
      },
    };
  };

  setTracer({ sampling, start });
  return async () => {
    setTracer(null);
    // Otherwise the spans of a later start would go to this one.
    for (const registered of [trace, context, diag]) registered.disable();
    // A receiver that does not answer must not hold up the end of the process.
    await Promise.race([
      sdk.shutdown().catch(() => undefined),
      sleep(SHUTDOWN_MS, undefined, { ref: false }),
    ]);
  };
};
