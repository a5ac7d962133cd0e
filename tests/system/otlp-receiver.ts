import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod/mini';

const attributes = z._default(
  z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
  [],
);
const place = { traceId: z.string(), spanId: z.string() };
const nanos = z.union([z.string(), z.number()]);
const request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              ...place,
              parentSpanId: z.optional(z.string()),
              name: z.string(),
              kind: z.number(),
              startTimeUnixNano: nanos,
              endTimeUnixNano: nanos,
              attributes,
              links: z._default(z.array(z.object(place)), []),
              status: z._default(
                z.object({ code: z.optional(z.number()), message: z.optional(z.string()) }),
                {},
              ),
            }),
          ),
        }),
      ),
    }),
  ),
});

type WireSpan = z.output<typeof request>['resourceSpans'][number]['scopeSpans'][number]['spans'][number];

/** A span as it arrived; times in milliseconds since the epoch. */
export type ReceivedSpan = Omit<WireSpan, 'attributes' | 'startTimeUnixNano' | 'endTimeUnixNano'> & {
  startMs: number;
  endMs: number;
  attributes: Readonly<Record<string, unknown>>;
};

const spanOf = ({
  attributes: given,
  startTimeUnixNano,
  endTimeUnixNano,
  ...span
}: WireSpan): ReceivedSpan => ({
  ...span,
  startMs: Number(startTimeUnixNano) / 1e6,
  endMs: Number(endTimeUnixNano) / 1e6,
  attributes: Object.fromEntries(given.map(({ key, value }) => [key, Object.values(value)[0]])),
});

export type OtlpReceiver = {
  /** For OTEL_EXPORTER_OTLP_TRACES_ENDPOINT. */
  url: string;
  spans: ReceivedSpan[];
  /** Everything that arrived, as text. */
  texts: string[];
  close(): Promise<void>;
};

/** Takes spans over OTLP: HTTP with JSON (https://opentelemetry.io/docs/specs/otlp/). */
export const startOtlpReceiver = async (): Promise<OtlpReceiver> => {
  const spans: ReceivedSpan[] = [];
  const texts: string[] = [];
  const server = createServer(async (asked, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const text = (asked.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
    texts.push(text);
    for (const { scopeSpans } of request.parse(JSON.parse(text)).resourceSpans)
      for (const scope of scopeSpans) spans.push(...scope.spans.map(spanOf));
    answer.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    texts,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
};
