import * as z from 'zod/mini';
import { ConfigError, number, readConfig, type Env } from './config.ts';
import { DEFAULT_PORT, PORT_MAX, PORT_OFFSETS } from './ports.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const settings = z.object({
  PORT: number(DEFAULT_PORT, 1, PORT_MAX),
  METRICS_PORT: number(0, 0, 65_535),
  WATCHDOG_MS: number(0, 0, 60_000),
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
};

/**
 * Reads the settings of the process itself, beside those of its services.
 * @throws ConfigError that names each wrong variable and what it takes
 */
export const readProcessSettings = (env: Env): ProcessSettings => {
  const { config, problems } = readConfig(settings, env);
  if (config === null) throw new ConfigError(problems.join('\n'));
  return {
    port: config.PORT,
    metricsPort: config.METRICS_PORT || config.PORT + PORT_OFFSETS.metrics,
    logLevel: config.LOG_LEVEL || 'info',
    watchdogMs: config.WATCHDOG_MS,
  };
};
