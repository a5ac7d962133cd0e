import { auth } from '../contracts/auth/auth.ts';
import { payments } from '../contracts/payments.ts';
import { createClient, type Client } from './client.ts';
import { hasCode } from './problem.ts';
import { createBrowser, startSessionServer, type SessionServer } from './testing/browser.ts';
import { eventually } from './testing/tabs.ts';

let server: SessionServer;
beforeEach(async () => {
  server = await startSessionServer();
});
afterEach(() => server.close());

const LOGIN = 'POST /api/auth/login';
const REFRESH = 'POST /api/auth/refresh';
const PAYMENT = {
  payee: { email: 'v@example.com' },
  amountMinor: 1,
  currency: 'EUR',
  paymentMethod: 'pm_card_visa',
} as const;

const signIn = (client: Client, email: string) => client.call(auth.actions.login, { email, password: 'x' });
const whoIsSignedIn = async (client: Client) => (await client.call(auth.actions.me, {})).email;
/** Requests of one browser that are sent now have arrived afterwards. */
const roundTrips = async (client: Client) => {
  for (let count = 0; count < 3; count++) await client.call(payments.actions.list, {}).catch(() => {});
};

/** Two tabs of a browser in which Ada signs in, and a page that assumes no session and never refreshes. */
const openTabs = async (locks: LockManager | null) => {
  const { fetch, age } = createBrowser();
  const signedOut = { times: 0 };
  const tab = (hasSession = true) =>
    createClient({
      fetch,
      origin: server.origin,
      locks,
      age: age(),
      hasSession: () => hasSession,
      onSignedOut: () => (signedOut.times += 1),
    });
  const [first, other, bystander] = [tab(), tab(), tab(false)];
  await signIn(first, 'ada');
  return { first, other, bystander, signedOut };
};

describe('a sign-in in another tab', () => {
  it.each([
    [REFRESH, 'a refresh', (tab: Client) => (server.expireAll(), tab.call(payments.actions.list, {}))],
    ['POST /api/auth/logout', 'a sign-out', (tab: Client) => tab.call(auth.actions.logout, {})],
    [LOGIN, 'an earlier sign-in', (tab: Client) => signIn(tab, 'eve')],
  ])('keeps its cookies when %s is answered late', async (line, _what, change) => {
    const { first, other, bystander, signedOut } = await openTabs(navigator.locks);
    const before = server.arrived(line);
    const release = server.hold(line);
    const late = change(first);
    await eventually(() => server.arrived(line) > before);
    const signedIn = signIn(other, 'bob');
    await roundTrips(bystander);
    release();
    await Promise.all([late, signedIn]);
    expect(await whoIsSignedIn(first)).toBe('bob');
    expect(signedOut.times).toBe(0);
  });

  it.each([
    ['with Web Locks', navigator.locks],
    ['without Web Locks', null],
  ])('outlives the late refusal of a refresh, %s', async (_how, locks) => {
    const { first, other, bystander, signedOut } = await openTabs(locks);
    server.expireAll();
    server.refuseRefreshes();
    const release = server.hold(REFRESH);
    const late = first.call(payments.actions.list, {}).catch((error: unknown) => error);
    await eventually(() => server.arrived(REFRESH) > 0);
    const signedIn = signIn(other, 'bob');
    await roundTrips(bystander);
    release();
    await Promise.all([late, signedIn]);
    expect(await whoIsSignedIn(first)).toBe('bob');
    // With Web Locks the sign-in comes after the refusal, which was right when it came.
    expect(signedOut.times).toBe(locks ? 1 : 0);
  });

  it('is not used for a payment of the earlier user that is refused late', async () => {
    const { first, other, signedOut } = await openTabs(navigator.locks);
    server.expireAll();
    const release = server.hold('POST /api/payments');
    const payment = first.call(payments.actions.create, PAYMENT, { idempotencyKey: 'key-1' });
    await eventually(() => server.arrived('POST /api/payments') === 1);
    await signIn(other, 'bob');
    release();
    const error = await payment.catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'token_expired')).toBe(true);
    expect([server.payers, signedOut.times]).toEqual([[], 0]);
  });
});

it('a payment whose token has expired is made after the refresh', async () => {
  const { first } = await openTabs(navigator.locks);
  server.expireAll();
  await first.call(payments.actions.create, PAYMENT, { idempotencyKey: 'key-1' });
  expect(server.payers).toEqual(['ada']);
});
