import { GraphQLList, GraphQLNonNull, GraphQLString, type GraphQLOutputType } from 'graphql';
import type { Action, Contract } from '../../../shared/contracts/contract.ts';
import type { PaymentId, UserId } from '../../../shared/contracts/ids.ts';
import {
  payments,
  timelineEntry,
  TIMELINES_MAX,
  type TimelineEntry,
} from '../../../shared/contracts/payments.ts';
import { AVATARS_MAX } from '../../../shared/contracts/profile/avatar.ts';
import { avatarPath } from '../../../shared/contracts/profile/paths.ts';
import { profile } from '../../../shared/contracts/profile.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import type { GraphqlContext } from './context.ts';
import type { Field, OutputOf, Relations } from './made.ts';
import { batched, type Load } from './loader.ts';
import { typeName } from './names.ts';
import { runActionOf, type Parts } from './run-action.ts';

/** The loader of one relation in a request. */
const loaderIn = <K, V>(context: GraphqlContext, relation: object, make: () => Load<K, V>): Load<K, V> => {
  const known = context.loaders.get(relation) as Load<K, V> | undefined;
  const found = known ?? make();
  if (!known) context.loaders.set(relation, found as Load<never, unknown>);
  return found;
};

const avatarUrl = (parts: Parts): Field => {
  const run = runActionOf(profile.actions.avatars, false, parts);
  type Avatars = { items: { userId: UserId; hash: string }[] };
  const load = (context: GraphqlContext) => async (ids: readonly UserId[]) => {
    const { items } = (await run({ userIds: ids.join(',') }, context)) as Avatars;
    return new Map(items.map(({ userId, hash }) => [userId, avatarPath(userId, hash)]));
  };
  const relation = {};
  return {
    type: GraphQLString,
    description: 'The path of the avatar, a square WebP image; null where there is none.',
    resolve: (party, _args, context) =>
      loaderIn(context, relation, () =>
        batched<UserId, string | null>(load(context), { max: AVATARS_MAX, missing: null }),
      )((party as { id: UserId }).id),
  };
};

const timeline = (parts: Parts, entry: Field['type']): Field => {
  const run = runActionOf(payments.actions.timelines, false, parts);
  type Timelines = { items: { id: PaymentId; timeline: TimelineEntry[] }[] };
  const load = (context: GraphqlContext) => async (ids: readonly PaymentId[]) => {
    const { items } = (await run({ ids }, context)) as Timelines;
    return new Map(items.map((one) => [one.id, one.timeline]));
  };
  const relation = {};
  return {
    type: new GraphQLList(entry),
    description: 'When the payment reached each status, and why, oldest first.',
    resolve: (payment, _args, context) => {
      const { id, timeline: known } = payment as { id: PaymentId; timeline?: TimelineEntry[] };
      return (
        known ??
        loaderIn(context, relation, () =>
          batched<PaymentId, TimelineEntry[] | null>(load(context), { max: TIMELINES_MAX, missing: null }),
        )(id)
      );
    },
  };
};

const paymentOf = (parts: Parts, payment: GraphQLOutputType): Field => {
  const run = runActionOf(payments.actions.get, false, parts);
  return {
    type: payment instanceof GraphQLNonNull ? payment.ofType : payment,
    description: 'The payment as it is now.',
    resolve: (change, _args, context) => run({ id: (change as { id: PaymentId }).id }, context),
  };
};

/**
 * Fields that lead from one thing to others, by the name of its type. Each is answered by an action for many
 * things at once, which runs for the caller of the request: nobody reads more than with the action itself.
 */
export const relationsOf = (contracts: readonly Contract[], parts: Parts, output: OutputOf): Relations => {
  const has = (action: Action) => contracts.some(({ actions }) => Object.values(actions).includes(action));
  return {
    ...(has(payments.actions.timelines) && {
      Payment: () => ({ timeline: timeline(parts, output(timelineEntry, '')) }),
    }),
    ...(has(payments.actions.get) && {
      [typeName(realtime.messages.paymentChanged.name)]: () => ({
        payment: paymentOf(parts, output(payments.actions.get.result, '')),
      }),
    }),
    ...(has(profile.actions.avatars) && { Party: () => ({ avatarUrl: avatarUrl(parts) }) }),
  };
};
