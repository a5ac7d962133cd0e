import type { Caller } from '../../../../broker/calls/envelope.ts';
import type { Action, ParamsOf, ResultOf } from '../../../../shared/contracts/contract.ts';
import { admin } from '../../../../shared/contracts/admin/admin.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { payments } from '../../../../shared/contracts/payments.ts';
import { profile } from '../../../../shared/contracts/profile.ts';
import type { Ask } from './ask.ts';
import { findEarlier } from './double-submits.ts';
import { paginationOf, type Params } from './params.ts';
import { fromPayment, fromPaymentWithTimeline, toCancel, toCreate, toListPage } from './payments.ts';
import { fromEntry, fromTokens, fromUser, toAuditPage, toSetRole, toUsersPage } from './people.ts';
import { fromDetails, fromPreferences, toSaveDetails, toSavePreferences } from './profile.ts';

/** What a request has sent, and what was asked for it. */
type Given<Known = unknown> = { params: Params; caller: Caller | null; known: Known };

/** An endpoint of POC-2 and the action of ours that serves it. */
export type Poc2Route<A extends Action = Action, Known = unknown> = {
  /** Methods and paths below the prefix. */
  routes: readonly string[];
  action: A;
  status?: 200 | 201;
  /** The action whose limits it counts against, where it is not this one. */
  countedAs?: Action;
  /** What a query with these params costs, where it is more than one; pages cost by their number. */
  costs?: Readonly<Record<string, number>>;
  /** Names of params that hold the id of a user: an old one is replaced before anything else. */
  users?: readonly string[];
  /** As `users`, of a user or of a payment. */
  things?: readonly string[];
  /** What the translation needs to know. */
  know?: (ask: Ask, params: Params) => Promise<Known>;
  toParams: (given: Given<Known>) => ParamsOf<A>;
  fromResult: (result: ResultOf<A>, given: Given<Known>, params: ParamsOf<A>) => unknown;
  /** The result of the same request a moment ago, or the idempotency key of this one. */
  repeats?: (ask: Ask, params: ParamsOf<A>) => Promise<{ result: ResultOf<A> } | { key: string }>;
};

const route = <A extends Action, Known = null>(one: Poc2Route<A, Known>): Poc2Route =>
  one as unknown as Poc2Route;

const nothing = () => ({});
const callerOf = ({ caller }: Given<never>): Caller => caller as Caller;

/** All endpoints of POC-2 that are served. */
export const POC2_ROUTES: readonly Poc2Route[] = [
  route({
    routes: ['POST /auth/register'],
    action: auth.actions.register,
    status: 201,
    toParams: ({ params: { email, password, name, role } }) =>
      ({ email, password, name, ...(role !== undefined && { role }) }) as ParamsOf<
        typeof auth.actions.register
      >,
    fromResult: ({ user, tokens }) => ({ user: fromUser(user), ...fromTokens(tokens) }),
  }),
  route({
    routes: ['POST /auth/login'],
    action: auth.actions.tokens,
    know: (ask, { email }) => ask.asGateway(auth.actions.findUser, { email: email as string }),
    toParams: ({ params: { email, password } }) =>
      ({ email, password }) as { email: string; password: string },
    fromResult: (tokens, { known: { user } }) => ({ user: user && fromUser(user), ...fromTokens(tokens) }),
  }),
  route({
    routes: ['POST /auth/refresh'],
    action: auth.actions.refreshTokens,
    toParams: ({ params: { refreshToken } }) => ({ refreshToken: refreshToken as string }),
    fromResult: fromTokens,
  }),
  route({
    routes: ['POST /auth/logout'],
    action: auth.actions.logout,
    toParams: nothing,
    fromResult: () => ({ message: 'Logged out successfully' }),
  }),
  route({
    routes: ['GET /auth/me'],
    action: auth.actions.me,
    toParams: nothing,
    fromResult: fromUser,
  }),
  route({
    routes: ['POST /auth/password'],
    action: auth.actions.changePassword,
    toParams: ({ params: { currentPassword, newPassword } }) =>
      ({ currentPassword, newPassword }) as ParamsOf<typeof auth.actions.changePassword>,
    fromResult: () => ({ message: 'Password changed successfully' }),
  }),
  route({
    routes: ['GET /payments'],
    action: payments.actions.listPage,
    countedAs: payments.actions.list,
    toParams: ({ params }) => toListPage(params),
    fromResult: ({ items, ...total }, _given, params) => ({
      payments: items.map(fromPayment),
      pagination: paginationOf(total, params),
    }),
  }),
  route({
    routes: ['POST /payments'],
    action: payments.actions.create,
    status: 201,
    users: ['recipientId'],
    toParams: ({ params }) => toCreate(params),
    fromResult: fromPayment,
    repeats: findEarlier,
  }),
  route({
    routes: ['GET /payments/:id'],
    action: payments.actions.get,
    toParams: ({ params: { id } }) => ({ id: id as string }),
    fromResult: fromPaymentWithTimeline,
  }),
  route({
    routes: ['PATCH /payments/:id/status', 'PATCH /payments/:id', 'PUT /payments/:id'],
    action: payments.actions.cancel,
    toParams: ({ params }) => toCancel(params),
    fromResult: fromPayment,
  }),
  route({
    routes: ['GET /profile'],
    action: profile.actions.details,
    toParams: nothing,
    fromResult: (details, given) => fromDetails(details, details.avatar, callerOf(given as never)),
  }),
  route({
    routes: ['PUT /profile'],
    action: profile.actions.saveDetails,
    know: (ask) => ask.asCaller(profile.actions.details, {}),
    toParams: (given) => toSaveDetails(given.params, given.known, callerOf(given as never)),
    fromResult: (details, given) => fromDetails(details, given.known.avatar, callerOf(given as never)),
  }),
  route({
    routes: ['GET /profile/preferences'],
    action: profile.actions.preferences,
    toParams: nothing,
    fromResult: fromPreferences,
  }),
  route({
    routes: ['PUT /profile/preferences'],
    action: profile.actions.savePreferences,
    toParams: ({ params }) => toSavePreferences(params),
    fromResult: fromPreferences,
  }),
  route({
    routes: ['GET /admin/users'],
    action: auth.actions.usersPage,
    countedAs: auth.actions.users,
    costs: { search: 10 },
    toParams: ({ params }) => toUsersPage(params),
    fromResult: ({ items, ...total }, _given, params) => ({
      users: items.map(fromUser),
      pagination: paginationOf(total, params),
    }),
  }),
  route({
    routes: ['GET /admin/users/:id'],
    action: auth.actions.userDetails,
    toParams: ({ params: { id } }) => ({ id: id as string }),
    fromResult: fromUser,
  }),
  route({
    routes: ['PATCH /admin/users/:id/role', 'PUT /admin/users/:id/role'],
    action: auth.actions.setRole,
    toParams: ({ params }) => toSetRole(params),
    fromResult: fromUser,
  }),
  route({
    routes: ['GET /admin/audit-logs'],
    action: admin.actions.auditPage,
    countedAs: admin.actions.auditEntries,
    costs: { userId: 5 },
    users: ['userId'],
    things: ['resourceId'],
    toParams: ({ params }) => toAuditPage(params),
    fromResult: ({ items, ...total }, _given, params) => ({
      data: items.map(fromEntry),
      pagination: paginationOf(total, params),
    }),
  }),
];
