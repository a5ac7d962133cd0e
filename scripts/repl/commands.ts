import type { Env } from '../../broker/config.ts';
import { AppError } from '../../broker/errors.ts';
import { newId } from '../../broker/ids.ts';
import type { ReplCommand } from '../../broker/repl.ts';
import type { RunningRooms } from '../../broker/run.ts';
import { send } from '../../broker/call.ts';
import { paymentId } from '../../shared/contracts/ids.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { commands as events, openSystem } from '../events/commands.ts';
import { tellStory } from './payment-story.ts';

/** Prints what a command found, or in one sentence why it found nothing. */
const print = async (run: () => Promise<string>): Promise<void> => {
  try {
    console.log(await run());
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
  }
};

/** The operator's commands of `npm run repl`: a payment's story, outboxes, dead letters and their replay. */
export const commandsOf = ({ origin }: RunningRooms, env: Env): ReplCommand[] => {
  const story = async (text: string): Promise<string> => {
    const { data: id } = paymentId.safeParse(text);
    if (!id) throw new Error(`${text} is not a payment's id: those begin with pay_`);
    const requestId = newId('fact', Date.now());
    try {
      const { result } = await send(origin, payments.actions.story, { id }, { caller: null, requestId });
      return tellStory(result);
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
      action: (_broker, { id = '' }) => print(() => story(id)),
    },
    {
      command: 'outbox',
      description: 'Facts on their way: in outboxes, in queues, dead',
      action: () => print(() => ask('list', [], {})),
    },
    {
      command: 'deadletters [room]',
      description: 'Facts that a room could not handle, with their causes',
      action: (_broker, { room }) => print(() => ask('dead', room ? [room] : [], {})),
    },
    {
      command: 'replay <room> [id]',
      description: 'Sends dead letters back to their room: one id, or all',
      options: [{ option: '--dry-run', description: 'only says which' }],
      action: (_broker, { room = '', id, options }) => {
        const all = id === undefined || id === 'all';
        return print(() =>
          ask('replay', all ? [room] : [room, id], { all, 'dry-run': options['dryRun'] === true }),
        );
      },
    },
  ];
};
