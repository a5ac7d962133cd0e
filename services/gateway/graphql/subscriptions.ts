import {
  GraphQLBoolean,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLFieldConfigMap,
  type GraphQLScalarType,
} from 'graphql';
import type { Contract, Message } from '../../../shared/contracts/contract.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { startEvent, type GraphqlContext } from './context.ts';
import type { Made } from './made.ts';
import { fieldName, typeName } from './names.ts';
import { outputOf } from './outputs.ts';
import { SAFE_INTEGER, TIME } from './scalars.ts';
import type { StreamEvent, Streams } from './streams.ts';

const { paymentChanged, notificationsChanged, sessionsChanged } = realtime.messages;
/** Messages that are stored, so that a stream of them continues where it was left. */
const MESSAGES: readonly Message[] = [paymentChanged, notificationsChanged, sessionsChanged];

export type StreamParts = { streams: Streams; nowMs(): number };
type Fields = GraphQLFieldConfigMap<StreamEvent, GraphqlContext>;

const nonNull = (type: GraphQLScalarType) => new GraphQLNonNull(type);

const eventOf = (message: Message, made: Made): GraphQLObjectType<StreamEvent> =>
  new GraphQLObjectType<StreamEvent, GraphqlContext>({
    name: `${typeName(message.name)}Event`,
    description: 'Where the stream is, and what has changed.',
    fields: {
      seq: {
        type: nonNull(SAFE_INTEGER),
        description: 'Pass the last one as `after` to continue from here.',
      },
      reread: {
        type: nonNull(GraphQLBoolean),
        description: 'Whether messages since `after` are no longer stored: read everything again.',
      },
      at: { type: TIME, resolve: ({ message: sent }) => sent?.at ?? null },
      change: {
        type: (outputOf(made, message.payload, message.name) as GraphQLNonNull<GraphQLObjectType>).ofType,
        description: 'Null in the first event, which says where the stream begins.',
        resolve: ({ message: sent }) => sent?.payload ?? null,
      },
    },
  });

/** The events of one kind of message; what resolvers keep for a request begins again with each. */
async function* only(
  message: Message,
  events: AsyncGenerator<StreamEvent, void, void>,
  context: GraphqlContext,
  nowMs: () => number,
): AsyncGenerator<StreamEvent, void, void> {
  for await (const event of events) {
    if (event.message !== null && event.message.name !== message.name) continue;
    startEvent(context, event.seq, nowMs());
    yield event;
  }
}

/** A subscription for each kind of message that concerns the caller; none without the realtime service. */
export const subscriptionsOf = (
  contracts: readonly Contract[],
  { streams, nowMs }: StreamParts,
  made: Made,
): GraphQLObjectType | null => {
  if (!contracts.some(({ service }) => service === realtime.service)) return null;
  const fields: Fields = Object.fromEntries(
    MESSAGES.map((message) => [
      fieldName(message.name),
      {
        type: eventOf(message, made),
        description: `${message.summary}.`,
        args: {
          after: { type: SAFE_INTEGER, description: 'The `seq` of the last event; from now on without it.' },
        },
        subscribe: async (_source: unknown, { after }: { after?: unknown }, context: GraphqlContext) =>
          only(message, await streams.open(context, after ?? context.after), context, nowMs),
        resolve: (event: StreamEvent) => event,
      },
    ]),
  );
  return new GraphQLObjectType({ name: 'Subscription', fields });
};
