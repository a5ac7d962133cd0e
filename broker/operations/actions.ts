import type { Context, ServiceSchema } from 'moleculer';
import type * as z from 'zod/mini';
import {
  LETTERS_MAX,
  operations,
  OPERATIONS_SERVICE,
  OPERATOR,
  type LetterSummary,
  type LogLevelChange,
  type NodeReport,
  type Operations,
} from '../../shared/contracts/operations.ts';
import { AppError } from '../calls/errors.ts';
import type { DeadLetter } from '../events/dead-letters.ts';
import type { ServiceQueue } from '../events/hub.ts';
import { servicesOfNode } from '../transport/sender.ts';

type Handler<K extends keyof Operations> = (
  params: z.output<Operations[K]['params']>,
) => Promise<z.output<Operations[K]['result']>>;

const summaryOf = ({ payload: _payload, ...summary }: DeadLetter): LetterSummary => summary;

const deadLetterHandlers = ({ depth, deadLetters }: ServiceQueue) => {
  const list: Handler<'deadLetters'> = async () => {
    const items = (await deadLetters.list(LETTERS_MAX)).map(summaryOf);
    // Beyond what is listed only the number is known.
    const total = items.length < LETTERS_MAX ? items.length : ((await depth())?.dead ?? 0);
    return { items, total: Math.max(items.length, total) };
  };
  const change: Handler<'changeDeadLetters'> = async ({ change: what, ids }) => {
    const letters = await (what === 'replay' ? deadLetters.replay(ids) : deadLetters.discard(ids));
    return { changed: letters.map(({ id }) => id) };
  };
  const find: Handler<'deadLetter'> = ({ id }) => deadLetters.find(id);
  return { deadLetters: list, deadLetter: find, changeDeadLetters: change };
};

/**
 * The actions with which the service of administrators sees and changes a process: for one service of it.
 * RabbitMQ checks each request's user against its sender's node (transport/sender.ts), so a request of a
 * process of another service is refused by the name of its node.
 * The level of log lines is the operator's alone.
 * @param queue of the service; null where it handles no events
 * @param changeLogLevel of the service in this process
 */
export const operationActions = (
  report: () => Promise<NodeReport>,
  queue: ServiceQueue | null,
  changeLogLevel: (change: LogLevelChange) => void,
): NonNullable<ServiceSchema['actions']> => {
  const changeLevel: Handler<'changeLogLevel'> = async (change) => {
    changeLogLevel(change);
    return {};
  };
  const handlers = { report, ...(queue && deadLetterHandlers(queue)), changeLogLevel: changeLevel };
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handle]) => {
      const { key, params } = operations[name as keyof Operations];
      const asker = name === 'changeLogLevel' ? OPERATOR : OPERATIONS_SERVICE;
      const handler = async (ctx: Context): Promise<unknown> => {
        const isLocal = ctx.nodeID === ctx.broker.nodeID;
        if (!isLocal && !servicesOfNode(String(ctx.nodeID)).includes(asker)) throw new AppError('forbidden');
        const given = params.safeParse(ctx.params);
        if (!given.success) throw new AppError('invalid_params');
        return (handle as (params: unknown) => Promise<unknown>)(given.data);
      };
      return [key, { visibility: 'public' as const, handler }];
    }),
  );
};
