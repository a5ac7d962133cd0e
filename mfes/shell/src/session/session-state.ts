import { createClient, type Client, type ClientOptions } from '../../../../shared/client/client.ts';
import { isProblem } from '../../../../shared/client/problem.ts';
import { isSameSession, type CookieAge } from '../../../../shared/client/cookie-changes.ts';
import { auth, type User } from '../../../../shared/contracts/auth/auth.ts';

export type SessionOptions = Pick<ClientOptions, 'fetch' | 'origin' | 'locks' | 'onCall' | 'answers'> & {
  age: CookieAge;
  channel: BroadcastChannel;
  user(): User | null;
  setUser(user: User | null): void;
  /** Whether a session is assumed; without one a 401 causes no refresh. */
  hasSession(): boolean;
  /** Whether another tab has removed what tabs share as the sign of being signed in. */
  isSignGone(): boolean;
  /** Called when a signed-in user's session is over without a sign-out in this browser. */
  expired(): void;
};

export type SessionState = {
  client: Client;
  /**
   * Asks the server who is signed in, with fresh cookies afterwards. When a newer answer or change comes
   * first, that one counts.
   * @throws ProblemError or UnreachableError when that is unknown
   */
  confirm(): Promise<void>;
  /** After a sign-in in this tab. */
  started(user: User): void;
  /** After a sign-out in this tab. */
  ended(): void;
  /** The page is put into the back/forward cache. */
  freeze(): void;
  /** It is shown again: nobody's data when a session has begun or ended meanwhile, in another tab. */
  thaw(): void;
  /** When the session can only be over, although nobody has said so. */
  lapse(): void;
  /** Follows the other tabs; `ask` is called when only the server knows who is signed in. */
  followOtherTabs(ask: () => void): () => void;
};

/** `ages` are those of the cookies that are over: before and after a sign-out, or when they were refused. */
type Message = { kind: 'started' | 'ended' | 'expired'; ages: readonly string[] };

/** @throws ProblemError or UnreachableError when it is unknown who is signed in */
const askServer = async (client: Client): Promise<User | null> => {
  try {
    return await client.call(auth.actions.me, {});
  } catch (error) {
    const isRefusal = isProblem(error) && (error.problem.status === 401 || error.problem.status === 403);
    if (!isRefusal) throw error;
    return null;
  }
};

/** The user as last known: the answer to an older question never replaces what is newer. */
const createKnownUser = (setUser: SessionOptions['setUser'], ask: () => Promise<User | null>) => {
  let newest: Promise<void> = Promise.resolve();
  return {
    settle: (known: User | null): void => {
      newest = Promise.resolve();
      setUser(known);
    },
    confirm: (): Promise<void> => {
      const mine: Promise<void> = ask().then(
        (found) => (newest === mine ? setUser(found) : newest),
        (error: unknown) => {
          if (newest === mine) throw error;
          return newest;
        },
      );
      newest = mine;
      return mine;
    },
  };
};

type Listen = (channel: SessionOptions['channel'], on: (message: Partial<Message>) => void) => () => void;
const listenTo: Listen = (channel, on) => {
  channel.onmessage = ({ data }: MessageEvent<Partial<Message>>) => on(data);
  return () => {
    channel.onmessage = null;
  };
};

/** Who is signed in: from the server, this tab and the others. */
export const createSessionState = (options: SessionOptions): SessionState => {
  const { age, channel, user, setUser } = options;
  /** Before and after this tab last changed the cookies. */
  let ownAges: [string, string] = [age.read(), age.read()];

  const post = (message: Message): void => channel.postMessage(message);
  const expire = (): void => {
    const wasSignedIn = user() !== null;
    settle(null);
    if (wasSignedIn) options.expired();
  };

  const client = createClient({
    ...options,
    age: {
      read: age.read,
      write: (value) => {
        ownAges = [age.read(), value];
        age.write(value);
      },
    },
    onSignedOut: (refused) => {
      if (user() !== null) post({ kind: 'expired', ages: [refused] });
      expire();
    },
  });

  const show = (known: User | null): void => {
    if (known?.id !== user()?.id) client.dropAnswers();
    setUser(known);
  };
  const { confirm, settle } = createKnownUser(show, () => askServer(client));
  /** While the page is frozen by the back/forward cache. */
  let frozenAge: string | null = null;

  return {
    client,
    confirm,
    started: (known) => {
      settle(known);
      post({ kind: 'started', ages: [] });
    },
    ended: () => {
      settle(null);
      post({ kind: 'ended', ages: ownAges });
      // Another tab has changed the cookies since.
      if (!ownAges.includes(age.read())) void confirm().catch(() => {});
    },
    freeze: () => {
      frozenAge = age.read();
    },
    thaw: () => {
      // Messages of that time were lost.
      const isOther = frozenAge !== null && !isSameSession(frozenAge, age.read());
      if (isOther || options.isSignGone()) settle(null);
      frozenAge = null;
    },
    lapse: expire,
    followOtherTabs: (ask) =>
      listenTo(channel, ({ ages, kind }) => {
        // Other cookies than those that are over: a sign-in has come first.
        if (!ages?.includes(age.read())) ask();
        else if (kind === 'ended') settle(null);
        else expire();
      }),
  };
};
