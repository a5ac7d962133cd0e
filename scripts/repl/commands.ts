import type { Env } from '../../broker/process/config.ts';
import { AppError } from '../../broker/calls/errors.ts';
import { newId } from '../../broker/process/ids.ts';
import type { ReplCommand } from '../../broker/process/repl.ts';
import type { RunningServices } from '../../broker/process/run.ts';
import { send } from '../../broker/calls/call.ts';
import { paymentId } from '../../shared/contracts/ids.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { commands as events, openSystem } from '../events/commands.ts';
import { describePayment } from './payment-inspection.ts';

/** Prints what a command found, or in one sentence why it found nothing. */
const print = async (run: () => Promise<string>): Promise<void> => {
  try {
    console.log(await run());
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
  }
};

/**
 * The operator's commands of `npm run repl`: a payment's inspect, outboxes, dead letters and their replay.
 */
export const commandsOf = ({ origin }: RunningServices, env: Env): ReplCommand[] => {
  const inspect = async (text: string): Promise<string> => {
    const { data: id } = paymentId.safeParse(text);
    if (!id) throw new Error(`${text} is not a payment's id: those begin with pay_`);
    const requestId = newId('event', Date.now());
    try {
      const { result } = await send(origin, payments.actions.inspect, { id }, { caller: null, requestId });
      return describePayment(result);
    } catch (error) {
      throw error instanceof AppError ? new Error(error.message, { cause: error }) : error;
    }
  };
  const ask = async (name: string, words: readonly string[], flags: object): Promise<string> => {
    const system = await openSystem(env);
    try {
      return (await events[name]?.(system, words, flags)) ?? '';
    } finally {
      await system.close();
    }
  };
  return [
    {
      command: 'payment <id>',
      description: 'Everything that is known of one payment',
      action: (_broker, { id = '' }) => print(() => inspect(id)),
    },
    {
      command: 'outbox',
      description: 'Events on their way: in outboxes, in queues, dead',
      action: () => print(() => ask('list', [], {})),
    },
    {
      command: 'deadletters [service]',
      description: 'Events that a service could not handle, with their causes',
      action: (_broker, { service }) => print(() => ask('dead', service ? [service] : [], {})),
    },
    {
      command: 'replay <service> [id]',
      description: 'Sends dead letters back to their service: one id, or all',
      options: [{ option: '--dry-run', description: 'only says which' }],
      action: (_broker, { service = '', id, options }) => {
        const all = id === undefined || id === 'all';
        return print(() =>
          ask('replay', all ? [service] : [service, id], { all, 'dry-run': options['dryRun'] === true }),
        );
      },
    },
  ];
};
