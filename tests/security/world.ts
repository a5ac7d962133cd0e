import type { Caller } from '../../broker/calls/envelope.ts';
import { freePort } from '../../broker/postgres/embedded-folder.ts';
import type { Logger } from '../../broker/process/logger.ts';
import { findServices } from '../../broker/process/find-services.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../broker/testing/start-services.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { accessClaims } from '../../shared/contracts/auth/signing.ts';
import type { NotificationId, PaymentId, SessionId } from '../../shared/contracts/ids.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import type { Role } from '../../shared/contracts/roles.ts';

export const PASSWORD = 'TestPassword123!';

/** A signed-in user. */
export type Person = { email: string; caller: Caller; accessToken: string };

/** All services behind a gateway, and users with resources of their own. */
export type World = {
  services: TestServices;
  origin: string;
  /** Sends a request such as `GET /api/payments`; `token` is sent as a bearer token. */
  ask(route: string, given?: Ask): Promise<Response>;
  signIn(email: string): Promise<Person>;
  register(role: Role): Promise<Person>;
  payer: Person;
  payee: Person;
  admin: Person;
  /** Of the payer to the payee. */
  paymentId: PaymentId;
  /** Another session of the payer's. */
  sessionId: SessionId;
  /** Of the payer. */
  notificationId: NotificationId;
};
export type Ask = { token?: string; json?: unknown; headers?: Record<string, string> };

const callerOf = (accessToken: string): Caller => {
  const [, payload = ''] = accessToken.split('.');
  const { sub, sid, role } = accessClaims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  return { userId: sub, sessionId: sid, role };
};

const startAll = async (
  log?: Logger,
  env: Record<string, string> = {},
): Promise<{ services: TestServices; origin: string }> => {
  const [port, realtimePort, sandboxPort] = [await freePort(), await freePort(), await freePort()];
  const services = await startServices(await findServices({}), {
    ...(log && { log }),
    env: {
      PORT: String(port),
      REALTIME_PORT: String(realtimePort),
      SANDBOX_PORT: String(sandboxPort),
      PROCESSOR_URL: `http://127.0.0.1:${sandboxPort}`,
      GATEWAY_LIMITS_OFF: 'true',
      ...env,
    },
  });
  return { services, origin: `http://localhost:${port}` };
};

let users = 0;

/** Starts all services on throw-away databases; `log` takes their lines, `env` is added to theirs. */
export const startWorld = async (log?: Logger, env?: Record<string, string>): Promise<World> => {
  const { services, origin } = await startAll(log, env);
  const ask: World['ask'] = (route, { token, json, headers = {} } = {}) => {
    const [method, path] = route.split(' ') as [string, string];
    return fetch(`${origin.replace('localhost', '127.0.0.1')}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? undefined : JSON.stringify(json),
    });
  };
  const signIn = async (email: string): Promise<Person> => {
    const { accessToken } = await services.call(auth.actions.tokens, { email, password: PASSWORD });
    return { email, accessToken, caller: callerOf(accessToken) };
  };
  const register = async (role: Role): Promise<Person> => {
    const email = `${role.toLowerCase()}${++users}@example.com`;
    const account = { email, password: PASSWORD, name: `Person ${users}`, role };
    // `unavailable` may be tried again: on a busy machine the first connections to a database take seconds.
    await eventually(() => services.call(auth.actions.createUser, account, { from: 'tests' }), 15_000);
    return signIn(email);
  };
  const [payer, payee, admin] = [
    await register('CUSTOMER'),
    await register('VENDOR'),
    await register('ADMIN'),
  ];
  const order = { payee: { email: payee.email }, amountMinor: 1_234, currency: 'EUR' as const };
  const { id: paymentId } = await services.call(
    payments.actions.create,
    { ...order, paymentMethod: 'pm_card_visa' },
    { as: payer.caller, idempotencyKey: 'world' },
  );
  const notificationId = await eventually(async () => {
    const { items } = await services.call(realtime.actions.notifications, {}, { as: payer.caller });
    return items[0]?.id ?? null;
  }, 15_000);
  const { sessionId } = (await signIn(payer.email)).caller;
  return {
    services,
    origin,
    ask,
    signIn,
    register,
    payer,
    payee,
    admin,
    paymentId,
    sessionId,
    notificationId,
  };
};
