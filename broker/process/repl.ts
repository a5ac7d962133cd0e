import type { REPLServer } from 'node:repl';
import type { ServiceBroker } from 'moleculer';
import type { SessionId, UserId } from '../../shared/contracts/ids.ts';
import type { Role } from '../../shared/contracts/roles.ts';
import type { Origin } from '../calls/call.ts';
import { seal } from '../calls/envelope.ts';
import { readJobs } from './jobs.ts';
import { controlInput } from './repl-input.ts';
import type { RunningServices } from './run.ts';

type Meta = { $repl?: boolean; userId?: UserId; role?: Role; key?: string };
type Options = { meta?: Meta };
type Opened = { broker: ServiceBroker; origin: Origin };

/** A custom command for moleculer-repl: `order <id>` passes `id`; options are passed by name. */
export type ReplCommand = {
  command: string;
  description: string;
  options?: { option: string; description: string }[];
  action(
    broker: ServiceBroker,
    params: Record<string, string | undefined> & { options: Record<string, unknown> },
  ): Promise<void>;
};

/** `jobs`: the last run of each job of this process's services, for the embedded REPL. */
export const jobsCommand = ({ databases }: Pick<RunningServices, 'databases'>): ReplCommand => ({
  command: 'jobs',
  description: 'The periodic jobs of all services: last run, duration, error',
  action: async () => {
    const jobs = [...databases].map(async ([service, db]) =>
      (await readJobs(db)).map(({ name, ...status }) => ({ service, job: name, ...status })),
    );
    // eslint-disable-next-line no-console -- the output of an interactive command
    console.table((await Promise.all(jobs)).flat());
  },
});

const CALL_MS = 10_000;

/**
 * Opens Moleculer's REPL in this process. Actions require an envelope, so typed calls get one: `call
 * auth.keys` as a service, `call profile.get --#userId usr_… --#role CUSTOMER` as a user, `--#key K` with
 * an idempotency key.
 * @param end shuts the process down in order; the REPL's own `quit` would only stop the broker
 * @param commands custom commands
 * @param atInputEnd what the end of the input does, once all commands have run
 */
export const openRepl = (
  { broker, origin: { keys, clock } }: Opened,
  end: () => Promise<void>,
  commands: readonly ReplCommand[],
  atInputEnd: () => void,
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
  // The REPL's own view of the broker: the process's shutdown stops the broker itself.
  const view = Object.assign(Object.create(broker) as ServiceBroker, {
    call: typed,
    stop: end,
    options: { ...broker.options, replOptions: { customCommands: [...commands] } },
  });
  // Its types hide that it returns Node's REPL.
  controlInput(view.repl() as unknown as REPLServer, atInputEnd);
};
