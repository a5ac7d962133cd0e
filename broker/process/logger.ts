import { openSync } from 'node:fs';
import { Loggers } from 'moleculer';
import { pino, type Logger } from 'pino';
import { currentRequest } from '../calls/request-context.ts';
import { cutSecrets } from './cut-secrets.ts';

export type { Logger } from 'pino';

/** The ids of the request, event or job in whose course a line is written. */
const currentIds = (): Record<string, string> => {
  const { id, origin, trace } = currentRequest() ?? {};
  const ids: Record<string, string> = {};
  if (id) ids['requestId'] = id;
  if (trace) ids['traceId'] = trace.traceId;
  if (origin?.caller) ids['sessionId'] = origin.caller.sessionId;
  return ids;
};

type Shown = { type: string; message: string; code?: unknown; stack?: string; cause?: Shown };

/** What a line shows of an error. Other properties are left out: PostgreSQL's `detail` has values of rows. */
const shownError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const { name: type, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return { type, message, code, stack, ...(cause instanceof Error && { cause: shownError(cause) as Shown }) };
};

export type LoggerOptions = {
  level: string;
  file?: string | undefined;
  /** The number of this replica; absent where there are none. */
  replica?: string | undefined;
};

/** Lines are written together, a moment later: a write of its own would cost twice what a line does. */
const TOGETHER = { minLength: 8_192, periodicFlush: 100 };

/**
 * JSON lines on standard output or in a file, with the ids of the running request. Secrets are cut out.
 */
export const createLogger = (options: LoggerOptions): Logger =>
  pino(
    {
      level: options.level,
      base: options.replica === undefined ? null : { replica: options.replica },
      mixin: currentIds,
      serializers: { err: shownError },
      timestamp: pino.stdTimeFunctions.isoTime,
      // Not pino's `redact`: with these names at three levels a line costs twice as much.
      formatters: { level: (label) => ({ level: label }), log: cutSecrets },
    },
    pino.destination({
      // An open descriptor can be flushed even when the start fails at once.
      dest: options.file ? openSync(options.file, 'a', 0o600) : 1,
      sync: false,
      ...TOGETHER,
    }),
  );

type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
type Bindings = { svc?: string; mod?: string };

/** Writes Moleculer's log lines to our logger; its `info` becomes `debug`. */
export const moleculerLogger = (log: Logger) =>
  new (class extends Loggers.Base<Loggers.Base.LoggerOptions> {
    override getLogHandler(bindings?: Bindings) {
      const child = log.child({ part: bindings?.svc ?? bindings?.mod ?? 'moleculer' });
      return (type: LogLevel, args: unknown[]) => {
        const level = type === 'info' ? 'debug' : type;
        const error = args.find((arg) => arg instanceof Error);
        child[level]({ err: error }, args.filter((arg) => typeof arg === 'string').join(' '));
      };
    }
  })();
