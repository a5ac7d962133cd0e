import type { Env } from '../../broker/process/config.ts';
import { AppError } from '../../broker/calls/errors.ts';
import { newId } from '../../broker/process/ids.ts';
import type { ReplCommand } from '../../broker/process/repl.ts';
import type { RunningServices } from '../../broker/process/run.ts';
import { send } from '../../broker/calls/call.ts';
import { paymentId } from '../../shared/contracts/ids.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { readJobs } from '../../broker/process/jobs.ts';
import { commands as events, openSystem, tableOf } from '../events/commands.ts';
import type { System } from '../events/system.ts';
import { describePayment } from './payment-inspection.ts';

/** Prints the result of a command, or the message of its error. */
const print = async (run: () => Promise<string>): Promise<void> => {
  try {
    console.log(await run());
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
  }
};

/** The last run of each job of each service. */
const listJobs = async ({ services }: System): Promise<string> => {
  const rows: (string | number | null)[][] = [];
  for (const { name, db } of services) {
    for (const job of db ? await readJobs(db) : []) {
      const state = job.isRunning ? 'running' : job.nextRunAt.toISOString();
      const last = job.lastStartedAt?.toISOString() ?? null;
      rows.push([name, job.name, last, job.lastDurationMs, state, job.lastError]);
    }
  }
  return tableOf(['service', 'job', 'last run', 'duration (ms)', 'next run', 'last error'], rows);
};

/** The operator's commands of `npm run repl`. */
export const commandsOf = ({ origin }: RunningServices, env: Env): ReplCommand[] => {
  const inspect = async (text: string): Promise<string> => {
    const { data: id } = paymentId.safeParse(text);
    if (!id) throw new Error(`${text} is not a payment's id, which begins with pay_`);
    const requestId = newId('event', Date.now());
    try {
      const { result } = await send(origin, payments.actions.inspect, { id }, { caller: null, requestId });
      return describePayment(result);
    } catch (error) {
      throw error instanceof AppError ? new Error(error.message, { cause: error }) : error;
    }
  };
  const withSystem = async (use: (system: System) => Promise<string>): Promise<string> => {
    const system = await openSystem(env);
    try {
      return await use(system);
    } finally {
      await system.close();
    }
  };
  const runEvents = (name: 'list' | 'dead' | 'replay', args: readonly string[], flags: object) =>
    withSystem((system) => events[name](system, args, flags));
  return [
    {
      command: 'payment <id>',
      description: 'A payment with its history, postings, webhooks and next step',
      action: (_broker, { id = '' }) => print(() => inspect(id)),
    },
    {
      command: 'jobs',
      description: 'The periodic jobs of all services: last run, duration, error',
      action: () => print(() => withSystem(listJobs)),
    },
    {
      command: 'outbox',
      description: 'Events per service: in its outbox and its queues',
      action: () => print(() => runEvents('list', [], {})),
    },
    {
      command: 'deadletters [service]',
      description: 'Dead letters with their causes',
      action: (_broker, { service }) => print(() => runEvents('dead', service ? [service] : [], {})),
    },
    {
      command: 'replay <service> [id]',
      description: 'Returns dead letters to their service: one id, or all',
      options: [{ option: '--dry-run', description: 'only lists them' }],
      action: (_broker, { service = '', id, options }) => {
        const all = id === undefined || id === 'all';
        return print(() =>
          runEvents('replay', all ? [service] : [service, id], {
            all,
            'dry-run': options['dryRun'] === true,
          }),
        );
      },
    },
  ];
};
