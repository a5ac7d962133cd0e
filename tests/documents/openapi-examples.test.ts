import * as z from 'zod/mini';
import { actions, bodyOf, operations, type Operation } from '../../services/gateway/testing/document.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { Action } from '../../shared/contracts/contract.ts';
import { ERRORS, type ErrorCode } from '../../shared/contracts/errors.ts';
import { PASSWORD, startWorld, type Person, type World } from '../security/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world?.services.stop());

type Listed = (typeof operations)[number];

/**
 * What needs something that the examples do not make: a one-time link, a lockout, a request for approval, a
 * dead letter, a signature, a file, a cookie, the present version. The answer is the error that says so.
 */
const WITHOUT: Readonly<Record<string, ErrorCode>> = {
  'admin.deadLetter': 'dead_letter_not_found',
  'admin.changeSetting': 'setting_changed',
  'auth.approve': 'approval_not_found',
  'auth.liftLockout': 'lockout_not_found',
  'auth.passwordLink': 'link_invalid',
  'auth.refresh': 'unauthenticated',
  'auth.reject': 'approval_not_found',
  'auth.renewInvitation': 'not_invited',
  'auth.setPassword': 'link_invalid',
  'payments.cancel': 'payment_not_pending',
  'payments.processorWebhook': 'webhook_signature',
  'profile.avatar': 'avatar_not_found',
  'profile.downloadExport': 'export_not_ready',
  'profile.saveDetails': 'profile_changed',
  'profile.uploadAvatar': 'image_unsupported',
};

const actionOf = ({ operationId }: Operation): Action => {
  const found = actions.find(({ name }) => name === operationId);
  if (!found) throw new Error(`no action ${operationId}`);
  return found;
};

/** Reads first, then what needs the payer's session, which other writes end. */
const rankOf = ({ method, path }: Listed): number => {
  if (method === 'get') return 0;
  return /\/(payments|notifications|sessions)\//.test(path) ? 1 : 2;
};
const inOrder = [...operations].sort((a, b) => rankOf(a) - rankOf(b));

const isOfAdministrators = ({ permission }: Action): boolean =>
  Array.isArray(permission) && permission.includes('ADMIN');

/** The caller: a person of the world for reads and for what is theirs, a new one for other writes. */
const callerOf = async (action: Action, { method, path }: Listed): Promise<Person | null> => {
  if (action.permission === 'anyone') return null;
  const ofPayer = method === 'get' || /^\/api\/(payments|notifications)\//.test(path);
  if (isOfAdministrators(action)) return ofPayer ? world.admin : world.register('ADMIN');
  return ofPayer ? world.payer : world.register('CUSTOMER');
};

/** The example with what there is in the place of the ids, addresses and tokens that it makes up. */
const present = async (text: string, action: Action, caller: Person | null): Promise<string> => {
  const { payer, payee, paymentId, sessionId, notificationId, services } = world;
  const account = { email: payer.email, password: PASSWORD };
  const refreshToken = text.includes('rt_')
    ? (await services.call(auth.actions.tokens, account)).refreshToken
    : '';
  const known: Readonly<Record<string, string>> = {
    'customer@example.com': payer.email,
    'vendor@example.com': payee.email,
    'new@example.com': `${action.name.toLowerCase()}@example.com`,
    'rt_AZrC9Leg…': refreshToken,
    usr_019ac2f4b7a07c3e9d415e0a2b6c0a01: payer.caller.userId,
    usr_019ac2f4b7a07c3e9d415e0a2b6c0a02: payee.caller.userId,
    pay_019ac2f4b7a07c3e9d415e0a2b6c0c01: paymentId,
    ses_019ac2f4b7a07c3e9d415e0a2b6c0b01: isOfAdministrators(action)
      ? sessionId
      : (caller?.caller.sessionId ?? ''),
    ntf_019ac2f4b7a07c3e9d415e0a2b6c0e01: notificationId,
  };
  return Object.entries(known).reduce((all, [example, value]) => all.replaceAll(example, value), text);
};

/** What is sent, as JSON text in which `present` puts what there is. */
type Sent = { path: string; query: Record<string, string>; headers: Record<string, string>; body?: unknown };

const exampleOf = ({ path, operation }: Listed): Sent => {
  const given = operation.parameters.filter(({ example }) => example !== undefined);
  const of = (place: string) =>
    given.filter((one) => one.in === place).map((one) => [one.name, String(one.example)] as const);
  return {
    path: of('path').reduce(
      (all, [name, value]) => all.replace(`{${name}}`, encodeURIComponent(value)),
      path,
    ),
    query: Object.fromEntries(of('query')),
    headers: Object.fromEntries(of('header')),
    body: bodyOf(operation.requestBody?.content)?.example,
  };
};

const send = async (listed: Listed, action: Action, caller: Person | null): Promise<Response> => {
  const text = await present(JSON.stringify(exampleOf(listed)), action, caller);
  const { path, query, headers, body } = JSON.parse(text) as Sent;
  return world.ask(`${listed.method.toUpperCase()} ${path}?${new URLSearchParams(query)}`, {
    ...(caller && { token: caller.accessToken }),
    json: body,
    headers: { origin: world.origin, ...headers },
  });
};

test.each(inOrder.map((one) => [one.operation.operationId, one] as const))('%s', async (id, listed) => {
  const action = actionOf(listed.operation);
  const caller = await callerOf(action, listed);
  const reply = await send(listed, action, caller);
  const expected = WITHOUT[id];
  const isJson = /json/.test(reply.headers.get('content-type') ?? '');
  const answer = isJson ? ((await reply.json()) as Record<string, unknown>) : null;
  expect([reply.status, answer?.['code']]).toEqual(
    expected ? [ERRORS[expected][0], expected] : [action.http?.status ?? 200, undefined],
  );
  expect(Object.keys(listed.operation.responses)).toContain(String(reply.status));
  if (expected || !answer || action.http?.download) return;
  const tokens = { accessToken: 'a', refreshToken: 'r', expiresInS: 600 };
  const whole = action.http?.session ? { ...answer, tokens } : answer;
  expect(z.safeParse(action.result, whole).error?.issues).toBeUndefined();
});

test('what needs something else is still there', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(Object.keys(WITHOUT).filter((id) => !ids.includes(id))).toEqual([]);
});
