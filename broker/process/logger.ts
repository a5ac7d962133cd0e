import { openSync } from 'node:fs';
import { Loggers } from 'moleculer';
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

const SECRET_PATHS = [
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'tokens',
  'authorization',
  'cookie',
  'secret',
  'secretKey',
  'privateKey',
  'paymentMethod',
  'body',
].flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/** JSON lines on standard output or in a file. Secrets are removed up to three levels deep. */
export const createLogger = (options: { level: string; file?: string }): Logger =>
  pino(
    {
      level: options.level,
      base: null,
      redact: { paths: SECRET_PATHS, censor: '[cut]' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // An open descriptor can be flushed even when the start fails at once.
    pino.destination({ dest: options.file ? openSync(options.file, 'a', 0o600) : 1, sync: false }),
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
