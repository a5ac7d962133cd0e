import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { importJWK, SignJWT, type JWK } from 'jose';
import { findFaketime } from '../../scripts/faketime.mjs';
import { logFileOf } from '../../scripts/stack/folder.ts';
import { sizeOf } from '../../scripts/stack/spawn-unit.ts';
import { createKeySeal } from '../../services/auth/signing/key-seal.ts';
import { type Person, register, signIn, signInAgain } from '../system/accounts.ts';
import { until } from '../system/timing.ts';
import { assertNoUnexpectedErrors, assertOneRetry, errorCounts, pay, startLoad } from './load.ts';
import { endpointsOf } from './crowd.ts';
import type { StackFault } from './fault.ts';
import { askWith, claimsOf } from './revoke.ts';
import type { Overrides, System } from './system.ts';
import { openTicket, connectSocket } from './socket-client.ts';

/** Each has two processes: first one has the wrong clock, then both. */
const SERVICES = ['gateway', 'auth', 'payments', 'realtime'] as const;
const CLOCKS = { '10 minutes ahead': '+10m', '10 minutes behind': '-10m' } as const;
const RIGHT = '+0';
const WRONG_MS = 600_000;
const CORRECTED_LIMIT_MS = 5_000;

const LIFETIME_S = 600;
const TOLERANCE_S = 30;
const SHORT_S = 4;
const IN_ORDER = 10;
const NEAR_MS = 5_000;

const nowS = (): number => Date.now() / 1_000;

/**
 * Processes that read an offset of their wall clock from a file at their start; monotonic time stays real.
 */
const fakeClocks = (library: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-clocks-'));
  const fileOf = (service: string): string => join(folder, service);
  const set = (service: string, offset: string): void => writeFileSync(fileOf(service), `${offset}\n`);
  const variables = (service: string) => ({
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: fileOf(service),
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    // Read once: a process keeps the clock of its start.
    FAKETIME_CACHE_DURATION: '86400',
  });
  for (const service of SERVICES) set(service, RIGHT);
  const overrides: Overrides = Object.fromEntries(SERVICES.map((service) => [service, variables(service)]));
  return { set, overrides, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

type SealedKey = { public_jwk: JWK; sealed_key: Buffer };

/** A token as auth would have signed it almost ten minutes ago, valid for another 4 s. */
const nearlyExpired = async (system: System, { accessToken }: Person): Promise<string> => {
  const [head = ''] = accessToken.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string; kid: string };
  const { rows } = await system
    .database('auth')
    .query<SealedKey>('select public_jwk, sealed_key from signing_keys where id = $1', [header.kid]);
  const { public_jwk: publicJwk, sealed_key: sealedKey } = rows[0] as SealedKey;
  const { privateKey } = createKeySeal(system.env['AUTH_KEY_SEAL'] ?? '', null).open(header.kid, sealedKey);
  const key = await importJWK({ ...publicJwk, d: privateKey.toString('base64url') }, header.alg);
  const exp = Math.ceil(nowS()) + SHORT_S;
  return new SignJWT({ ...claimsOf(accessToken), iat: exp - LIFETIME_S, exp })
    .setProtectedHeader(header)
    .sign(key);
};

/**
 * A token is accepted until it expires, and refused everywhere half a minute later.
 * @returns seconds from its expiry to the last refusal
 */
const assertExpiry = async (system: System, person: Person): Promise<number> => {
  const accessToken = await nearlyExpired(system, person);
  const { exp } = claimsOf(accessToken);
  const short = { ...person, accessToken, api: person.api.as(accessToken) };
  const socket = connectSocket(endpointsOf(system), short, { once: true });
  const refusedAt = async (at: number): Promise<number> => {
    for (;;) {
      const { status, body, text } = await askWith(short, at);
      if (status === 401 && body['code'] === 'token_expired') return nowS();
      if (status !== 200) throw new Error(`a token was answered ${status}: ${text}`);
      if (nowS() > exp + TOLERANCE_S) throw new Error('a token is accepted half a minute after it expired');
      await sleep(100);
    }
  };
  try {
    await until('the socket is open', (SHORT_S - 1) * 1_000, () => socket.lostMs === null);
    const times = await Promise.all([...system.urls.keys()].map(refusedAt));
    await until('the socket is closed', TOLERANCE_S * 1_000, () => socket.lostMs !== null);
    const [close] = socket.closes;
    if (close?.reason !== 'expired')
      throw new Error(`the socket's close reason was ${close?.reason ?? 'missing'}`);
    times.push(close.atMs / 1_000);
    const early = exp - Math.min(...times);
    if (early > 1) throw new Error(`a token was refused ${early.toFixed(1)} s before it expired`);
    return Math.max(...times) - exp;
  } finally {
    socket.close();
  }
};

/** Consecutive payments are listed in that order, with the right time. */
const assertOrder = async (system: System, payer: Person, label: string): Promise<void> => {
  const ids: string[] = [];
  for (let index = 0; index < IN_ORDER; index++) {
    const options = { key: `${label}-${index}`, amountMinor: 1_000 + index, first: index };
    ids.push(String((await pay(system, payer.api, options)).answer.body['id']));
  }
  const { body } = await payer.api.get(`/api/payments?limit=${IN_ORDER}`);
  const items = body['items'] as { id: string; createdAt: string }[];
  const listed = items.map(({ id }) => id).toReversed();
  if (listed.join() !== ids.join()) throw new Error(`made as ${ids.join()}, listed as ${listed.join()}`);
  const off = items.find(({ createdAt }) => Math.abs(Date.parse(createdAt) - Date.now()) > NEAR_MS);
  if (off) throw new Error(`${off.id} was made at ${off.createdAt}, it is ${new Date().toISOString()}`);
};

/** Registers, signs in, pays, refreshes and receives messages; all times must be right. */
const assertWorks = async (system: System, label: string): Promise<number> => {
  const made = await register(system.urls, `${label}@example.com`, 'CUSTOMER');
  const payer = await signInAgain(system.urls, made);
  const lifetimeS = claimsOf(payer.accessToken).exp - nowS();
  if (Math.abs(lifetimeS - LIFETIME_S) > TOLERANCE_S)
    throw new Error(`an access token lives for ${Math.round(lifetimeS)} s`);
  const socket = connectSocket(endpointsOf(system), payer);
  try {
    await until('the socket is open', 10_000, () => socket.lostMs === null);
    await openTicket(endpointsOf(system), payer);
    await assertOrder(system, payer, label);
    const body = { refreshToken: payer.refreshToken };
    const fresh = await payer.api.post('/api/auth/tokens/refresh', body);
    if (fresh.status !== 200) throw new Error(`refresh answered ${fresh.status}: ${fresh.text}`);
    await until('messages come', 10_000, () => socket.messages.length >= IN_ORDER);
    const off = socket.messages.find(({ at }) => Math.abs(Date.parse(at) - Date.now()) > 3 * NEAR_MS);
    if (off) throw new Error(`a message is of ${off.at}, it is ${new Date().toISOString()}`);
    if (socket.problems[0]) throw new Error(`the socket: ${socket.problems[0]}`);
    return await assertExpiry(system, payer);
  } finally {
    socket.close();
  }
};

/**
 * Waits until a process has logged the correction of its clock.
 * @throws Error when it has not: the library was not loaded, and nothing was tested
 */
const assertWrongClock = async (system: System, unit: string, sinceBytes: number): Promise<void> => {
  const file = logFileOf(system.stack.folder, unit);
  const isLogged = () =>
    readFileSync(file)
      .subarray(sinceBytes)
      .toString()
      .split('\n')
      .some((line) => Math.abs(Number(/"offsetMs":(-?\d+)/.exec(line)?.[1] ?? 0)) > WRONG_MS - NEAR_MS);
  await until(`the clock of ${unit} is wrong`, CORRECTED_LIMIT_MS, isLogged);
};

/** One service with a wrong clock under load, in one process and then in both. */
const withClock = async (
  system: System,
  { service, label, set }: { service: string; label: string; set: () => void },
): Promise<string> => {
  const load = startLoad(system, await signIn(system.urls), {
    label: `${label}-load`,
    width: 2,
    pauseMs: 50,
    reads: ['/api/payments?limit=5', '/api/auth/me', '/api/notifications?limit=5'],
  });
  try {
    set();
    const lateS: number[] = [];
    for (const replica of [1, 2]) {
      const unit = `${service}-${replica}`;
      const sinceBytes = sizeOf(logFileOf(system.stack.folder, unit));
      await system.stack.restart(unit);
      await assertWrongClock(system, unit, sinceBytes);
      lateS.push(await assertWorks(system, `${label}-${replica}`));
    }
    const requests = await load.stop();
    assertNoUnexpectedErrors(requests);
    assertOneRetry(requests);
    return (
      `${requests.length} requests, 0 refused (${errorCounts(requests)}), expiry at most ` +
      `${Math.max(...lateS).toFixed(1)} s late`
    );
  } finally {
    await load.stop().catch(() => undefined);
  }
};

export const clocks: StackFault = {
  on: 'stack',
  name: 'F13-clocks',
  title: 'gateway, auth, payments and realtime in turn with a clock 10 minutes ahead and behind',
  run: async (system, { seed }) => {
    if (!system.isOurs) throw new Error('needs a stack of its own, to change the clocks of its processes');
    const library = findFaketime();
    if (library === null)
      throw new Error('libfaketime is not installed (apt-get install libfaketime): no clock was put wrong');
    const clock = fakeClocks(library);
    const figures: string[] = [];
    let isBroken = false;
    try {
      await system.restartWith(clock.overrides);
      for (const service of SERVICES) {
        for (const [name, offset] of Object.entries(CLOCKS)) {
          const label = `f13-${seed}-${Date.now()}`;
          const set = () => clock.set(service, offset);
          const figure = await withClock(system, { service, label, set }).catch((error: Error) => {
            isBroken = true;
            return `BROKEN ${error.message}`;
          });
          figures.push(`${service} ${name}: ${figure}`);
        }
        clock.set(service, RIGHT);
        await system.stack.restart(service);
      }
    } finally {
      await system.restartWith({});
      clock.remove();
    }
    if (isBroken) throw new Error(figures.join(' · '));
    return figures.join(' · ');
  },
};
