import { setTimeout as sleep } from 'node:timers/promises';
import { PASSWORD, type Person, register, signInAgain } from '../system/accounts.ts';
import type { Answer, Api } from '../system/client.ts';
import { percentile } from '../system/statistics.ts';
import { until } from '../system/timing.ts';
import { endpointsOf } from './crowd.ts';
import type { System } from './system.ts';
import { connectSocket } from './socket-client.ts';

/** An account whose sessions are ended in turn; its password changes in between. */
export type Account = Pick<Person, 'id' | 'email'> & { password: string };

/** One try: the session to revoke, a second session of the same user, and an administrator. */
type Stage = { account: Account; victim: Person; other: Person; admin: Api; at: number };

/** A way to revoke access. */
type Way = {
  name: string;
  /** @returns the response to the revocation */
  run(stage: Stage): Promise<Answer>;
  /** The error code for the old token, and the close reason of its socket. */
  code: string;
  close: string;
  /** Undoes the revocation. */
  after?(stage: Stage, answer: Answer): Promise<unknown>;
};

const REASON = { reason: 'A fault test' };
export const REVOKE_LIMIT_MS = 1_000;
const POLL_MS = 10;
const ASK_LIMIT_MS = 5_000;
/** Served by payments, not by auth, which ends the sessions. */
const PATH = '/api/payments?limit=1';

type Claims = { sid: string; role: string; exp: number };

/** The claims of an access token. */
export const claimsOf = (accessToken: string): Claims =>
  JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as Claims;

const otherRole = ({ victim }: Stage): string =>
  claimsOf(victim.accessToken).role === 'VENDOR' ? 'CUSTOMER' : 'VENDOR';

const ofUser = ({ id }: Account): string => `/api/admin/users/${id}`;

/** Sets the account's password with the one-time link of an answer. */
const setPasswordBy = async ({ account, victim, at }: Stage, { body }: Answer): Promise<void> => {
  const token = String(body['link']).split('#')[1];
  const newPassword = `${PASSWORD}${Date.now()}`;
  const path = '/api/auth/password-link/password';
  const answer = await victim.api.send('POST', path, { token, newPassword }, at);
  if (answer.status !== 204) throw new Error(`a one-time link was answered ${answer.status}: ${answer.text}`);
  account.password = newPassword;
};

const ended = { code: 'session_ended', close: 'revoked' };

export const WAYS: readonly Way[] = [
  {
    name: 'another device',
    ...ended,
    run: ({ other, victim, at }) =>
      other.api.send('DELETE', `/api/auth/sessions/${claimsOf(victim.accessToken).sid}`, undefined, at),
  },
  {
    name: 'all others',
    ...ended,
    run: ({ other, at }) => other.api.send('POST', '/api/auth/sessions/revoke-others', {}, at),
  },
  {
    name: 'sign-out',
    ...ended,
    run: ({ victim, at }) => victim.api.send('POST', '/api/auth/logout', {}, at),
  },
  {
    name: 'password',
    ...ended,
    run: async ({ account, other, at }) => {
      const newPassword = `${PASSWORD}${Date.now()}`;
      const body = { currentPassword: account.password, newPassword };
      const answer = await other.api.send('POST', '/api/auth/password', body, at);
      account.password = newPassword;
      return answer;
    },
  },
  {
    name: 'suspension',
    ...ended,
    run: ({ account, admin, at }) => admin.send('POST', `${ofUser(account)}/suspend`, REASON, at),
    after: ({ account, admin, at }) => admin.send('POST', `${ofUser(account)}/restore`, REASON, at),
  },
  {
    name: 'forced sign-out',
    ...ended,
    run: ({ account, admin, at }) => admin.send('POST', `${ofUser(account)}/sign-out`, REASON, at),
  },
  {
    name: 'one session by an administrator',
    ...ended,
    run: ({ account, victim, admin, at }) => {
      const { sid } = claimsOf(victim.accessToken);
      return admin.send('POST', `${ofUser(account)}/sessions/${sid}/end`, REASON, at);
    },
  },
  {
    name: 'password reset',
    ...ended,
    run: ({ account, admin, at }) => admin.send('POST', `${ofUser(account)}/password-reset`, REASON, at),
    after: async (stage, answer) => setPasswordBy(stage, answer),
  },
  {
    name: 'closing',
    ...ended,
    run: ({ account, admin, at }) => admin.send('POST', `${ofUser(account)}/close`, REASON, at),
    after: async (stage) => {
      const { account, admin, at } = stage;
      const email = `f14-invited-${Date.now()}@example.com`;
      const invitation = { email, name: 'Invited', role: 'CUSTOMER', ...REASON };
      const answer = await admin.send('POST', '/api/admin/users', invitation, at);
      account.email = email;
      account.id = (answer.body['user'] as { id: string }).id;
      await setPasswordBy(stage, answer);
    },
  },
  {
    name: 'role',
    code: 'token_expired',
    close: 'access_changed',
    run: (stage) => {
      const body = { role: otherRole(stage), ...REASON };
      return stage.admin.send('PUT', `${ofUser(stage.account)}/role`, body, stage.at);
    },
    after: async (stage) => {
      const { victim, at } = stage;
      const body = { refreshToken: victim.refreshToken };
      const fresh = await victim.api.send('POST', '/api/auth/tokens/refresh', body, at);
      if (fresh.status !== 200) throw new Error(`a role change ended the session: ${fresh.text}`);
      const { role } = claimsOf(String(fresh.body['accessToken']));
      if (role !== otherRole(stage)) throw new Error(`the role in a new token is ${role}`);
    },
  },
];

export const makeAccount = async (system: System, label: string): Promise<Account> => {
  const { id, email } = await register(system.urls, `${label}@example.com`, 'CUSTOMER');
  return { id, email, password: PASSWORD };
};

/** One request with a token at one gateway. */
export const askWith = (person: Pick<Person, 'api'>, at: number): Promise<Answer> => person.api.get(PATH, at);

/**
 * Repeats a request at one gateway every 10 ms until the token is refused, and twice more.
 * @returns milliseconds from `sinceMs`
 */
export const untilRefused = async (
  person: Pick<Person, 'api'>,
  at: number,
  { sinceMs, codes }: { sinceMs: number; codes: readonly string[] },
): Promise<number> => {
  for (;;) {
    const { status, body, text } = await askWith(person, at);
    const tookMs = Date.now() - sinceMs;
    if (status === 401) {
      if (!codes.includes(String(body['code']))) throw new Error(`refused with ${text}`);
      for (let again = 0; again < 2; again++)
        if ((await askWith(person, at)).status !== 401) throw new Error('refused, and then accepted again');
      return tookMs;
    }
    if (status !== 200) throw new Error(`a revoked token was answered ${status}: ${text}`);
    if (tookMs > ASK_LIMIT_MS) throw new Error(`a revoked token is still accepted after ${tookMs} ms`);
    await sleep(POLL_MS);
  }
};

/** Milliseconds until the token was refused at every gateway, and until its socket was closed. */
export type Revoked = { way: string; httpMs: number; socketMs: number };

/** Signs in twice, opens a socket, revokes access in one of the ways and waits until it is effective. */
export const revokeOnce = async (
  system: System,
  account: Account,
  admin: Api,
  index: number,
): Promise<Revoked> => {
  const way = WAYS[index % WAYS.length] as Way;
  const at = Math.floor(index / WAYS.length);
  const victim = await signInAgain(system.urls, account, account.password);
  const other = await signInAgain(system.urls, account, account.password);
  const stage: Stage = { account, victim, other, admin, at };
  const socket = connectSocket(endpointsOf(system), victim, { first: at + 1, once: true });
  try {
    await until('the socket is open', 10_000, () => socket.lostMs === null);
    for (const gateway of system.urls.keys()) {
      const { status, text } = await askWith(victim, gateway);
      if (status !== 200) throw new Error(`a valid token was answered ${status}: ${text}`);
    }
    const answer = await way.run(stage);
    const { status, text } = answer;
    if (status >= 300) throw new Error(`${way.name} was answered ${status}: ${text}`);
    const sinceMs = Date.now();
    const refused = [...system.urls.keys()].map((gateway) =>
      untilRefused(victim, gateway, { sinceMs, codes: [way.code] }),
    );
    const httpMs = Math.max(...(await Promise.all(refused)));
    await until(`the socket is closed after ${way.name}`, ASK_LIMIT_MS, () => socket.lostMs !== null);
    const [close] = socket.closes;
    if (close?.reason !== way.close)
      throw new Error(`${way.name}: the socket's close reason was ${close?.reason ?? 'missing'}`);
    await way.after?.(stage, answer);
    return { way: way.name, httpMs, socketMs: Math.max(0, close.atMs - sinceMs) };
  } finally {
    socket.close();
  }
};

const spread = (values: readonly number[]): string =>
  `p50 ${percentile(values, 0.5)}, p99 ${percentile(values, 0.99)}, max ${Math.max(...values)} ms`;

/** The figures of all tries. @throws Error when the limit is missed */
export const summarizeRevoked = (all: readonly Revoked[]): string => {
  const http = all.map(({ httpMs }) => httpMs);
  const sockets = all.map(({ socketMs }) => socketMs);
  const figure = `${all.length} tries: HTTP ${spread(http)}; sockets ${spread(sockets)}`;
  const worst = Math.max(percentile(http, 0.99), percentile(sockets, 0.99));
  if (worst > REVOKE_LIMIT_MS) throw new Error(`${figure}; more than ${REVOKE_LIMIT_MS} ms`);
  return figure;
};
