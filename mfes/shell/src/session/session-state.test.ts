import { auth, type User } from '../../../../shared/contracts/auth/auth.ts';
import {
  createBrowser,
  startSessionServer,
  type SessionServer,
} from '../../../../shared/client/testing/browser.ts';
import { eventually } from '../../../../shared/client/testing/tabs.ts';
import { createSessionState } from './session-state.ts';

const ME = 'GET /api/auth/me';
let server: SessionServer;
let close: (() => void)[] = [];
beforeEach(async () => {
  server = await startSessionServer();
});
afterEach(async () => {
  close.forEach((end) => end());
  close = [];
  await server.close();
});

const openBrowser = () => {
  const { fetch, age } = createBrowser();
  let sign: string | null = null;
  const openTab = () => {
    const channel = new BroadcastChannel('payloom-session-test');
    close.push(() => channel.close());
    const shown: { user: User | null; notices: number } = { user: null, notices: 0 };
    const state = createSessionState({
      fetch,
      origin: server.origin,
      locks: navigator.locks,
      age: age(),
      channel,
      user: () => shown.user,
      setUser: (user) => {
        shown.user = user;
        sign = user && '1';
      },
      hasSession: () => true,
      isSignGone: () => shown.user !== null && sign === null,
      expired: () => (shown.notices += 1),
    });
    state.followOtherTabs(() => void state.confirm().catch(() => {}));
    const signIn = async (email: string): Promise<void> => {
      await state.client.call(auth.actions.login, { email, password: 'x' });
      state.started({ id: email, email } as unknown as User);
    };
    const signOut = async (): Promise<void> => {
      await state.client.call(auth.actions.logout, {});
      state.ended();
    };
    return { ...state, channel, shown, signIn, signOut, email: () => shown.user?.email ?? null };
  };
  return { age: age(), openTab };
};

/** Two tabs in which Ada is signed in. */
const openTabs = async () => {
  const { age, openTab } = openBrowser();
  const [first, other] = [openTab(), openTab()];
  await first.signIn('ada');
  await eventually(() => other.email() === 'ada');
  return { age, first, other };
};

describe('a late answer about who is signed in', () => {
  it('does not bring back the user of a sign-out in another tab', async () => {
    const { first, other } = await openTabs();
    const asked = server.arrived(ME);
    const release = server.hold(ME);
    const confirmed = other.confirm();
    await eventually(() => server.arrived(ME) > asked);
    await first.signOut();
    await eventually(() => other.email() === null);
    release();
    await confirmed;
    expect([other.email(), other.shown.notices]).toEqual([null, 0]);
  });

  it('does not replace the user of a sign-in since, in this tab or another', async () => {
    const { first, other } = await openTabs();
    for (const [email, tab] of [
      ['bob', first],
      ['eve', other],
    ] as const) {
      const asked = server.arrived(ME);
      const release = server.hold(ME);
      const confirmed = other.confirm();
      await eventually(() => server.arrived(ME) > asked);
      await tab.signIn(email);
      await eventually(() => first.email() === email && other.email() === email);
      release();
      await confirmed;
      expect(other.email()).toBe(email);
    }
  });

  it('waits for the answer to a newer question', async () => {
    const { first } = await openTabs();
    const release = server.hold(ME);
    const older = first.confirm();
    const newer = first.confirm();
    release();
    await Promise.all([older, newer]);
    expect(first.email()).toBe('ada');
  });
});

describe('a page that was frozen by the back/forward cache', () => {
  /** Changes something in one tab while the other page receives no messages. */
  const meanwhile = async (change: (tab: Awaited<ReturnType<typeof openTabs>>['first']) => Promise<void>) => {
    const { first, other } = await openTabs();
    other.freeze();
    other.channel.onmessage = null;
    await change(first);
    expect(other.email()).toBe('ada');
    other.thaw();
    return other;
  };

  it('shows nobody when a user has signed out or in meanwhile, before the server answers', async () => {
    expect((await meanwhile(({ signOut }) => signOut())).email()).toBeNull();
    const other = await meanwhile(({ signIn }) => signIn('bob'));
    expect(other.email()).toBeNull();
    await other.confirm();
    expect(other.email()).toBe('bob');
  });

  it('shows nobody when another tab has learned meanwhile that the session is over', async () => {
    const other = await meanwhile(async ({ confirm }) => {
      server.expireAll();
      server.refuseRefreshes();
      await confirm();
    });
    expect([other.email(), other.shown.notices]).toEqual([null, 0]);
  });

  it('still shows its user when the session is the same', async () => {
    const other = await meanwhile(async () => {
      server.expireAll();
    });
    expect(other.email()).toBe('ada');
    await other.confirm();
    expect(other.email()).toBe('ada');
  });
});

describe('the end of a session', () => {
  it('by a sign-out shows in all tabs, without a notice', async () => {
    const { first, other } = await openTabs();
    const asked = server.arrived(ME);
    await first.signOut();
    await eventually(() => other.email() === null);
    expect([first.shown.notices, other.shown.notices, server.arrived(ME)]).toEqual([0, 0, asked]);
  });

  it('by expiry shows in all tabs, with a notice', async () => {
    const { first, other } = await openTabs();
    server.expireAll();
    server.refuseRefreshes();
    await first.confirm();
    await eventually(() => other.email() === null);
    expect([first.shown.notices, other.shown.notices]).toEqual([1, 1]);
  });

  it.each(['expired', 'ended'])('%s, received after a sign-in, ends no newer session', async (kind) => {
    const { age, first, other } = await openTabs();
    const old = age.read();
    await first.signIn('bob');
    await eventually(() => other.email() === 'bob');
    const asked = server.arrived(ME);
    other.channel.postMessage({ kind, ages: [old] });
    await eventually(() => server.arrived(ME) > asked);
    await first.confirm();
    expect([first.email(), first.shown.notices]).toEqual(['bob', 0]);
  });

  it('of a tab that has not seen a newer sign-in leaves that one in place', async () => {
    const { first, other } = await openTabs();
    await other.signIn('bob');
    first.ended();
    await eventually(() => first.email() === 'bob');
    expect(other.email()).toBe('bob');
  });
});
