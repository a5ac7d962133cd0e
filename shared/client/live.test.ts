import { startSocketServer, type SocketServer } from './testing/socket-server.ts';
import { traceparentFor } from './traces.ts';
import { eventually, openTab, type TabOptions, type TestTab } from './testing/tabs.ts';

let server: SocketServer;
let userId: string;
let tabs: TestTab[] = [];

beforeEach(async () => {
  userId = `usr_${crypto.randomUUID()}`;
  server = await startSocketServer(userId);
});
afterEach(async () => {
  for (const tab of tabs) tab.stop();
  tabs = [];
  await server.close();
});

const open = (options: Partial<TabOptions> = {}): TestTab => {
  const tab = openTab({ url: server.url, userId, ...options });
  tabs.push(tab);
  return tab;
};
const openMany = (count: number, options: Partial<TabOptions> = {}): TestTab[] =>
  Array.from({ length: count }, () => open(options));
const allAre = (state: string) => eventually(() => tabs.every(({ states }) => states.at(-1) === state));
/** Whether all have received these, in this order and nothing else, after one initial `reread`. */
const allReceived = (...names: string[]) =>
  eventually(() => tabs.every(({ received }) => received.length > names.length)).then(() =>
    expect(tabs.map(({ received }) => received)).toEqual(tabs.map(() => ['reread', ...names])),
  );

it('what a tab reads after a message belongs to the trace of the message', async () => {
  open();
  await allAre('connected');
  const traceparent = `00-${'7'.repeat(32)}-${'8'.repeat(16)}-00`;
  server.push('a', { id: 'pay_7' }, traceparent);
  await allReceived('a');
  expect(traceparentFor(true, { id: 'pay_7' })).toBe(traceparent);
});

describe('ten tabs of one browser', () => {
  it('have one socket, and all receive every message once', async () => {
    openMany(10);
    await allAre('connected');
    for (const name of ['a', 'b', 'c']) server.push(name);
    await allReceived('a', 'b', 'c');
    expect(server.opened()).toBe(1);
  });

  it('lose and repeat nothing when the tab with the socket is closed', async () => {
    openMany(10);
    await allAre('connected');
    server.push('before');
    await allReceived('before');
    const [leader] = tabs.splice(0, 1);
    leader!.stop();
    for (let index = 0; index < 20; index++) server.push(`after ${index}`);
    await allReceived('before', ...Array.from({ length: 20 }, (_, index) => `after ${index}`));
    expect(server.opened()).toBe(2);
    expect(server.open()).toBe(1);
    expect(server.afters).toEqual([undefined, 1]);
  });

  it('are each connected, reconnecting or offline as the others', async () => {
    openMany(3);
    await allAre('connected');
    server.refuse(true);
    server.cut();
    await allAre('reconnecting');
    tabs.forEach((tab) => tab.go(false));
    await allAre('offline');
    server.refuse(false);
    tabs.forEach((tab) => tab.go(true));
    await allAre('connected');
    expect(server.open()).toBe(1);
  });

  it('have a socket each where the browser cannot elect one', async () => {
    openMany(3, { locks: null });
    await allAre('connected');
    server.push('a');
    await allReceived('a');
    expect(server.open()).toBe(3);
  });

  it('close their socket when the last one is closed', async () => {
    openMany(2);
    await allAre('connected');
    tabs.forEach((tab) => tab.stop());
    await eventually(() => server.open() === 0);
  });
});

describe('a connection that was cut', () => {
  it('goes on behind the last message, and nothing comes twice', async () => {
    open();
    await allAre('connected');
    for (let index = 0; index < 50; index++) {
      server.push(String(index));
      if (index % 10 === 5) server.cut();
    }
    await allReceived(...Array.from({ length: 50 }, (_, index) => String(index)));
  });

  it('sends `reread` when missed messages are no longer kept', async () => {
    openMany(2);
    await allAre('connected');
    server.push('a');
    await allReceived('a');
    server.cut();
    server.pushUnsent('lost');
    server.purge();
    await allReceived('a', 'reread');
    server.push('b');
    await allReceived('a', 'reread', 'b');
  });

  it('is dropped as soon as the browser says that it has no network', async () => {
    const tab = open();
    await allAre('connected');
    tab.go(false);
    await eventually(() => tab.states.includes('offline'));
    server.push('meanwhile');
    tab.go(true);
    await allReceived('meanwhile');
    expect(server.afters).toEqual([undefined, 0]);
  });
});

describe('a message that does not follow the last one', () => {
  it('makes a new socket ask for what is between', async () => {
    open();
    await allAre('connected');
    server.push('a');
    server.pushUnsent('b');
    server.push('c');
    await allReceived('a', 'b', 'c');
    expect(server.opened()).toBe(2);
  });

  it('is taken, and all read again, when what is between never comes', async () => {
    open();
    await allAre('connected');
    server.push('a');
    server.pushUnsent('b');
    server.purge();
    server.push('c');
    await allReceived('a', 'reread');
  });
});

describe('a session', () => {
  it('that is fresh again after `expired` connects again at once, from where it stopped', async () => {
    const tab = open({ confirmSession: async () => server.refuse(false) });
    await allAre('connected');
    server.push('a');
    await allReceived('a');
    server.refuse(true);
    server.closeSockets('expired');
    server.push('b');
    await allReceived('a', 'b');
    expect(tab.confirmed()).toBe(1);
    expect(server.afters).toEqual([undefined, 1]);
  });

  it('that was revoked is asked for at once, and its end closes the socket for good', async () => {
    const startedMs = performance.now();
    const tab = open({ confirmSession: async (own) => own.stop() });
    await allAre('connected');
    server.closeSockets('revoked');
    await eventually(() => tab.confirmed() === 1);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    server.push('secret');
    await eventually(() => server.open() === 0);
    expect(server.opened()).toBe(1);
    expect(tab.received).toEqual(['reread']);
  });

  it('is asked for when the handshake is refused with 401, and not in a tight loop', async () => {
    server.refuse(true);
    const startedMs = performance.now();
    const tab = open();
    await eventually(() => tab.confirmed() === 3);
    expect(performance.now() - startedMs).toBeGreaterThan(500);
    server.refuse(false);
    await allAre('connected');
  });

  it('in an unknown state is checked again before the next socket', async () => {
    let answers = 0;
    const tab = open({
      confirmSession: async () => {
        answers += 1;
        if (answers < 3) throw new Error('no answer');
      },
    });
    await allAre('connected');
    server.closeSockets('access_changed');
    await eventually(() => server.opened() === 2);
    expect(tab.confirmed()).toBe(3);
  });

  it('of another user starts again', async () => {
    const tab = open();
    await allAre('connected');
    server.push('for the first one');
    await allReceived('for the first one');
    tab.stop();
    const other = openTab({
      url: server.url,
      userId: 'usr_other',
      confirmSession: async (own) => own.stop(),
    });
    // The cookies are still those of the first one: the server says whose they are.
    await eventually(() => other.confirmed() === 1);
    await eventually(() => server.open() === 0);
    expect(server.afters).toEqual([undefined, undefined]);
    expect(other.received).toEqual([]);
  });
});

describe('a network without WebSockets', () => {
  it.each(['refused', 'silent'] as const)('is live over long polling where they are %s', async (how) => {
    server.blockWebSockets(how);
    open();
    await eventually(() => tabs[0]!.states.at(-1) === 'connected', 20_000);
    server.push('a');
    await allReceived('a');
  });
});

it('leads in place of a tab that does not answer any more', async () => {
  let thaw = (): void => {};
  const frozen = navigator.locks
    .request(`payloom-live-${userId}`, () => new Promise<void>((end) => (thaw = end)))
    .catch(() => {});
  const tab = open();
  await eventually(() => tab.states.at(-1) === 'connected');
  server.push('a');
  await allReceived('a');
  thaw();
  await frozen;
});
