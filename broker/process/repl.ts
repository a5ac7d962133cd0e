import type { ServiceBroker } from 'moleculer';
import type { SessionId, UserId } from '../../shared/contracts/ids.ts';
import type { Role } from '../../shared/contracts/roles.ts';
import type { Origin } from '../calls/call.ts';
import { seal } from '../calls/envelope.ts';

type Meta = { $repl?: boolean; userId?: UserId; role?: Role; key?: string };
type Options = { meta?: Meta };
type Opened = { broker: ServiceBroker; origin: Origin };

/** A command of ours, as moleculer-repl takes it: `payment <id>` gives `id`, options come by their names. */
export type ReplCommand = {
  command: string;
  description: string;
  options?: { option: string; description: string }[];
  action(
    broker: ServiceBroker,
    params: Record<string, string | undefined> & { options: Record<string, unknown> },
  ): Promise<void>;
};

const CALL_MS = 10_000;

/**
 * Opens Moleculer's REPL in this process. Services open no call without an envelope, so what is typed gets
 * one:
 * `call auth.keys` as a service, `call payments.list --#userId usr_… --#role CUSTOMER` as a user, `--#key K`
 * with an idempotency key.
 * @param end ends the whole process in order; the REPL's `quit` would only stop the broker
 * @param commands our own beside Moleculer's
 */
export const openRepl = (
  { broker, origin: { keys, clock } }: Opened,
  end: () => Promise<void>,
  commands: readonly ReplCommand[] = [],
): void => {
  const call = broker.call.bind(broker) as (
    name: string,
    params?: object,
    options?: object,
  ) => Promise<unknown>;
  const typed = (name: string, params?: object, options?: Options) => {
    if (!options?.meta?.$repl) return call(name, params, options);
    const { userId, role = 'CUSTOMER', key = null } = options.meta;
    const envelope = {
      to: name,
      from: 'repl',
      caller: userId ? { userId, role, sessionId: 'ses_repl' as SessionId } : null,
      requestId: `repl-${clock.nowMs()}`,
      deadlineAtMs: clock.nowMs() + CALL_MS,
      idempotencyKey: key,
      address: null,
      userAgent: null,
    };
    return call(name, params, { ...options, meta: { ...options.meta, call: seal(envelope, keys, params) } });
  };
  const stop = broker.stop.bind(broker);
  let ending = false;
  Object.assign(broker, {
    call: typed,
    stop: () => {
      if (ending) return stop();
      ending = true;
      return end();
    },
  });
  Object.assign(broker.options, { replOptions: { customCommands: [...commands] } });
  broker.repl();
};
