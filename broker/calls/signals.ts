import type * as z from 'zod/mini';
import type { Signal } from '../../shared/contracts/contract.ts';
import type { Logger } from '../process/logger.ts';

/** Moleculer's event of a signal is this prefix and the signal's name. No other event crosses the bus. */
export const SIGNAL_PREFIX = 'signal.';

/** A signal that a service handles. */
export type SignalHandler<R> = { signal: Signal; handle: (service: R, payload: never) => void };

/** Declares the handler of a signal; it receives the parsed payload. */
export const onSignal = <R, S extends Signal>(
  signal: S,
  handle: (service: R, payload: z.output<S['payload']>) => void,
): SignalHandler<R> => ({ signal, handle: handle as SignalHandler<R>['handle'] });

/** The service that alone may send a signal; null for an event that is no signal. */
export const senderOfSignal = (event: unknown): string | null => {
  if (typeof event !== 'string' || !event.startsWith(SIGNAL_PREFIX)) return null;
  const name = event.slice(SIGNAL_PREFIX.length);
  const end = name.lastIndexOf('.');
  return end > 0 ? name.slice(0, end) : null;
};

type MoleculerEvents = Record<
  string,
  { handler: (ctx: { params: unknown; nodeID?: string | null }) => void }
>;

/**
 * The handlers as Moleculer events. A payload that is not of its schema is logged and dropped, and an error
 * of a handler is logged: nothing that arrives over the bus may end the process.
 */
export const signalEvents = <R>(
  handlers: readonly SignalHandler<R>[],
  service: R,
  log: Pick<Logger, 'warn' | 'error'>,
): MoleculerEvents =>
  Object.fromEntries(
    handlers.map(({ signal, handle }) => [
      SIGNAL_PREFIX + signal.name,
      {
        handler: ({ params, nodeID }) => {
          const about = { signal: signal.name, sender: nodeID };
          const parsed = signal.payload.safeParse(params);
          if (!parsed.success) return log.warn({ ...about, issues: parsed.error.issues }, 'malformed signal');
          try {
            handle(service, parsed.data as never);
          } catch (error) {
            log.error({ ...about, err: error }, 'signal was not handled');
          }
        },
      },
    ]),
  );
