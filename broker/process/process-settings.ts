import * as z from 'zod/mini';
import { ConfigError, number, readConfig, type Env } from './config.ts';
import { DEFAULT_PORT, PORT_MAX, PORT_OFFSETS } from './ports.ts';
import { reportTarget, sentryDsn, sentryEnvironment, type ReportTarget } from './sentry-settings.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The address of what receives spans over OTLP; empty for none. */
const receiver = z._default(
  z.string().check(z.regex(/^(https?:\/\/\S+)?$/, { error: 'must be an http or https address' })),
  '',
);

/** @returns null for a text that is not `name=value,…` with values as in a URL */
const headersOf = (text: string): Record<string, string> | null => {
  try {
    const pairs = text.split(',').filter((pair) => pair.trim() !== '');
    return Object.fromEntries(
      new Headers(
        pairs.map((pair): [string, string] => {
          const at = pair.indexOf('=');
          return [pair.slice(0, Math.max(at, 0)).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
        }),
      ),
    );
  } catch {
    return null;
  }
};

const headers = z._default(
  z.string().check(z.refine((text) => headersOf(text) !== null, { error: 'must be name=value,…' })),
  '',
);

const DEFAULT_SAMPLING = 0.01;

const settings = z.object({
  PORT: number(DEFAULT_PORT, 1, PORT_MAX),
  METRICS_PORT: number(0, 0, 65_535),
  WATCHDOG_MS: number(0, 0, 60_000),
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver,
  OTEL_EXPORTER_OTLP_HEADERS: headers,
  OTEL_TRACES_SAMPLER_ARG: z._default(
    z
      .string()
      .check(z.regex(/^(0(\.\d+)?|1(\.0+)?|)$/, { error: 'must be a share from 0 to 1, such as 0.01' })),
    '',
  ),
  SENTRY_DSN: sentryDsn,
  SENTRY_ENVIRONMENT: sentryEnvironment,
  NODE_ENV: z._default(z.string(), ''),
  LOG_LEVEL: z._default(
    z.enum(['', ...LOG_LEVELS], { error: `must be one of ${LOG_LEVELS.join(', ')}` }),
    'info',
  ),
});

export type ProcessSettings = {
  port: number;
  metricsPort: number;
  logLevel: string;
  /** How long the event loop may stand still; 0 is for ever. */
  watchdogMs: number;
  /** Where spans go, with which headers, and the exported share of traces, 0 to 1; null for nowhere. */
  tracing: { url: string; headers: Record<string, string>; sampling: number } | null;
  /** Where defects are reported; null for nowhere. */
  sentry: ReportTarget | null;
};

/**
 * Reads the settings of the process itself, beside those of its services.
 * @throws ConfigError that names each wrong variable and what it takes
 */
export const readProcessSettings = (env: Env): ProcessSettings => {
  const { config, problems } = readConfig(settings, env);
  if (config === null) throw new ConfigError(problems.join('\n'));
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = config;
  const url = own || (base && `${base.replace(/\/$/, '')}/v1/traces`);
  return {
    port: config.PORT,
    metricsPort: config.METRICS_PORT || config.PORT + PORT_OFFSETS.metrics,
    logLevel: config.LOG_LEVEL || 'info',
    watchdogMs: config.WATCHDOG_MS,
    sentry: reportTarget(config.SENTRY_DSN, config),
    tracing: url
      ? {
          url,
          headers: headersOf(config.OTEL_EXPORTER_OTLP_HEADERS) ?? {},
          sampling: Number(config.OTEL_TRACES_SAMPLER_ARG || DEFAULT_SAMPLING),
        }
      : null,
  };
};
